"""Week 8: what a multi-head layer is, what its heads do, and a bug that no shape shows."""

import csv
import math
from collections.abc import Sequence
from dataclasses import replace

import torch
from common.bert import Encoder, Trace, trace
from common.combining import checks, combine_as_written, layer, normals
from common.heads import divergences, previous_weight, recovered
from common.in_korean import korean_table
from common.minilm import MiniLM, load_minilm
from common.pronouns import best_of_coins, pronoun_weights
from common.pruning import PRUNED, pruning
from common.transformer.attention import attention, merge_heads, softmax
from torch import Tensor

from generator.compute.script import Run

TIRED = "The animal didn't cross the street because it was too tired."
LOOK_BACK, PRONOUN = (0, 2), (3, 1)  # layer and head, from 0
NONSENSE = 20  # texts of random word pieces
SENTENCES = "reports/week-06/data/sentences.txt"
IN_KOREAN = {
    "output and weights have the right shapes": "출력과 가중치의 모양이 맞다",
    "every row of weights sums to one": "가중치의 행마다 합이 1이다",
    "no number is lost, none is made": "없어지거나 새로 생긴 수가 없다",
    "with one head it is plain attention": "헤드가 하나이면 보통의 어텐션이다",
    "permuting the tokens permutes the outputs": "토큰의 순서를 바꾸면 출력의 순서도 바뀐다",
    "combining undoes splitting": "합치기가 나누기를 되돌린다",
    "changing head 1 changes its four columns only": "헤드 1을 바꾸면 그 네 열만 바뀐다",
    "passes": "통과",
    "fails": "실패",
}


def compute(run: Run) -> None:
    """Every number, table and figure of the report, section by section."""
    files = [run.model(f"minilm-{part}") for part in ("weights", "tokenizer", "config")]
    model = load_minilm(*files)
    sentences = run.file(SENTENCES).read_text(encoding="utf-8").splitlines()
    run.value("sentences", len(sentences))
    traces = [model.trace(sentence) for sentence in sentences]
    by_hand(run)
    draw_layer(run)
    counts(run, model.encoder)
    averages(run)
    capacity(run)
    the_bug(run)
    likeness(run, traces)
    look_back(run, model, sentences, traces)
    with run.file("data/pronouns.csv").open(encoding="utf-8", newline="") as file:
        pronouns(run, model, list(csv.DictReader(file)))
    draw_roles(run, model, sentences[0])
    draw_pruning(run, run.memo(pruning, files, sentences))


def fresh_source() -> torch.Generator:
    """A generator at the study's seed: no experiment depends on what ran before it."""
    return torch.Generator().manual_seed(torch.initial_seed())


# ---------------------------------------------------------------- counting


def by_hand(run: Run) -> None:
    """The two tokens of the example, and the exercises' numbers."""
    tokens = torch.tensor([[1.0, 2.0], [3.0, 4.0]], dtype=torch.float64)
    weights = torch.tensor([[0.25, 0.75], [1.0, 0.0]], dtype=torch.float64)
    first, second = (weights[i] @ tokens[:, i] for i in range(2))
    run.value("two_first", float(first), digits=1)
    run.value("two_second", float(second), digits=1)
    run.value("two_single", float(weights[0] @ tokens[:, 1]), digits=1)
    shares = torch.tensor([0.5, 0.25, 0.25], dtype=torch.float64).square()
    for i, share in enumerate(shares / shares.sum()):
        run.value(f"share_{i}", float(share), digits=3)
    d, h, n = 512, 8, 100
    run.value("count_head", d * d // h)
    run.value("count_out", d * d)
    run.value("count_all", 4 * d * d)
    run.value("count_softmax", h * n * n)


def draw_layer(run: Run) -> None:
    """The layer as boxes: tokens, three heads, their results side by side, the output."""
    figure = run.new_figure(40)
    axes = figure.add_subplot()
    axes.set_xlim(0, 150)
    axes.set_ylim(-22, 22)
    axes.axis("off")

    def box(x: float, y: float, text: str, colour: str) -> None:
        axes.text(
            x,
            y,
            text,
            ha="center",
            va="center",
            bbox={"boxstyle": "square,pad=0.35", "facecolor": colour, "edgecolor": "0.3"},
        )

    def arrow(start: tuple[float, float], end: tuple[float, float]) -> None:
        axes.annotate("", end, start, arrowprops={"arrowstyle": "->", "color": "0.3"})

    colours = ("#CFE3F2", "#FBE3CF", "#D9EAD3")
    for i, (height, colour) in enumerate(zip((15, 0, -15), colours, strict=True), start=1):
        arrow((14, 0), (33, height))
        box(50, height, f"$H_{i} = P_{i}\\,X\\,W_{i}^V$", colour)
        arrow((67, height), (83, 0))
    box(8, 0, "$X$", "white")
    box(98, 0, "$(H_1|H_2|H_3)$", "white")
    arrow((113, 0), (137, 0))
    axes.text(125, 3, "$W^O$", ha="center", va="bottom")
    box(143, 0, "$Y$", "white")
    for x, text in ((8, "$n\\times d$"), (98, "$n\\times h d_v$"), (143, "$n\\times d$")):
        axes.text(x, -8, text, ha="center", va="center")
    axes.text(50, -22.5, "$n\\times d_v$", ha="center", va="center")
    run.figure("layer", figure)


def counts(run: Run, encoder: Encoder) -> None:
    """Weights and multiplications of a layer of the real model, and for other numbers of heads."""
    block = encoder.blocks[0]
    maps = (block.query, block.key, block.value, block.output)
    width, heads = len(block.query.bias), encoder.heads
    run.value("width", width)
    run.value("heads", heads)
    run.value("all_heads", heads * len(encoder.blocks))
    run.value("weights", sum(part.weight.numel() for part in maps))


def averages(run: Run) -> None:
    """A token that stands there twice, and an input that is doubled."""
    source = fresh_source()
    n, width = 6, 8
    x, _ = normals(2, n, width, source=source)
    query, key, value = normals(3, width, width, source=source) / math.sqrt(width)

    def head(states: Tensor) -> Tensor:
        return attention(states @ query, states @ key, states @ value)[0]

    doubled = head(2 * x) - 2 * head(x)
    run.value("homogeneous", float(doubled.norm() / (2 * head(x)).norm()), digits=2)
    keys, values = x @ key, x @ value
    more = attention(x @ query, torch.cat([keys[:1], keys]), torch.cat([values[:1], values]))[0]
    run.value("moved_by_mass", float((more - head(x)).norm() / head(x).norm()), digits=2)


# ---------------------------------------------------------------- one head or several


def capacity(run: Run) -> None:
    """What one reading token can know of n others, through 1 … 8 heads, whole and split."""
    n, width = 8, 16
    numbers = (1, 2, 4, 8)
    found: dict[str, list[float]] = {"whole": [], "split": []}
    spread: dict[int, Tensor] = {}
    for heads in numbers:
        source = fresh_source()
        mixing = softmax(normals(heads, n, source=source))
        for kind, rows in (("whole", width), ("split", width // heads)):
            shares = recovered(mixing, normals(heads, rows, width, source=source), source)
            found[kind].append(float(shares.sum()))
            if kind == "split":
                spread[heads] = shares
    run.value("carried_whole", found["whole"][2], digits=2)
    run.value("carried_split", found["split"][2], digits=2)
    run.value("read_tokens", n)
    run.value("read_width", width)
    sharp = torch.eye(n, dtype=torch.float64)
    source = fresh_source()
    one = recovered(sharp[:1], normals(1, width, width, source=source), source)
    four = recovered(sharp[:4], normals(4, width // 4, width, source=source), source)
    figure = run.new_figure(48)
    left, right = figure.subplots(1, 2)
    left.plot(numbers, numbers, color="0.6", zorder=1)
    left.plot(numbers, found["whole"], "s", label="width $m$ each")
    left.plot(numbers, found["split"], "o", color="C1", label="width $m/h$ each")
    left.set_xlabel("heads $h$")
    left.set_ylabel("tokens' worth that is read")
    left.set_xticks(numbers)
    left.set_ylim(0)
    left.legend()
    places = torch.arange(n)
    for index, (name, shares) in enumerate((("1 head", one), ("4 heads", four))):
        right.bar(places + 1 + (index - 0.5) * 0.38, shares, 0.36, color=f"C{index}", label=name)
    right.set_xlabel("token")
    right.set_ylabel("share of its variance read")
    right.set_xticks(range(1, n + 1))
    right.grid(axis="x", visible=False)
    right.legend()
    run.figure("capacity", figure)


# ---------------------------------------------------------------- the bug


def the_bug(run: Run) -> None:
    """How wrong the layer with the bug is, where its numbers land, and which tests notice."""
    source = fresh_source()
    maps = list(torch.randn(4, 16, 16, generator=source))
    x = torch.randn(1, 6, 16, generator=source)
    right, _ = layer(x, maps, 4, merge_heads)
    wrong, _ = layer(x, maps, 4, combine_as_written)
    run.value("bug_largest", float((right - wrong).abs().max()), digits=0)
    run.value("bug_size", float(right.abs().mean()), digits=1)
    run.value("bug_mean", float((right - wrong).abs().mean()), digits=1)
    written, good = checks(combine_as_written), checks(merge_heads)
    rows = [
        (name, *("passes" if found[name] else "fails" for found in (good, written)))
        for name in good
    ]
    run.table("checks", ("test", "right", "as written"), rows)
    korean_table(run, "checks", ("시험", "올바른 코드", "쓰인 그대로"), rows, IN_KOREAN)
    run.value("checks_passed", sum(written.values()))
    run.value("checks_all", len(written))

    # Each number is marked with its token, 0 to 5, and its head, 0 to 3.
    token = torch.arange(6.0).view(1, 1, 6, 1).expand(1, 4, 6, 4)
    head = torch.arange(4.0).view(1, 4, 1, 1).expand(1, 4, 6, 4)
    figure = run.new_figure(44)
    panels = figure.subplots(1, 2, sharey=True)
    for axes, title, combine in zip(
        panels, ("right", "as written"), (merge_heads, combine_as_written), strict=True
    ):
        image = axes.imshow(combine(token)[0], cmap="viridis", aspect="auto")
        for row in range(6):
            for column in range(16):
                from_token = int(combine(token)[0, row, column])
                axes.text(
                    column,
                    row,
                    str(int(combine(head)[0, row, column])),
                    ha="center",
                    va="center",
                    fontsize=6.5,
                    color="black" if from_token > 3 else "white",
                )
        axes.set_title(title)
        axes.set_xlabel("column")
        axes.set_xticks(range(0, 16, 4))
        axes.set_yticks(range(6))
        axes.grid(visible=False)
    panels[0].set_ylabel("row (token)")
    figure.colorbar(image, ax=list(panels), label="token it came from", ticks=range(6))
    run.figure("bug", figure)


# ---------------------------------------------------------------- real heads


def likeness(run: Run, traces: Sequence[Trace]) -> None:
    """How differently the heads look, and how concentrated."""
    between = torch.stack([divergences(t.attention.flatten(end_dim=1)) for t in traces])
    mean = between.mean(dim=0)
    layers, heads = traces[0].attention.shape[:2]
    off = ~torch.eye(layers * heads, dtype=torch.bool)
    back = LOOK_BACK[0] * heads + LOOK_BACK[1]
    run.value("js_back", float(mean[back][off[back]].mean()), digits=2)
    nearest = mean.masked_fill(~off, math.inf)
    place = int(nearest.argmin())
    a, b = divmod(place, layers * heads)
    for name, found in (("first", a), ("second", b)):
        run.value(f"nearest_{name}_layer", found // heads)
        run.value(f"nearest_{name}_head", found % heads)
    run.value("js_nearest", float(nearest.min()), digits=3)
    figure = run.new_figure(50, 90)
    axes = figure.add_subplot()
    image = axes.imshow(mean, cmap="magma_r", vmin=0, vmax=1, rasterized=True)
    edges = [heads * i - 0.5 for i in range(1, layers)]
    axes.hlines(edges, -0.5, layers * heads - 0.5, color="white", linewidth=0.8)
    axes.vlines(edges, -0.5, layers * heads - 0.5, color="white", linewidth=0.8)
    middle = [heads * i + heads / 2 - 0.5 for i in range(layers)]
    axes.set_xticks(middle, [str(i) for i in range(layers)])
    axes.set_yticks(middle, [str(i) for i in range(layers)])
    axes.set_xlabel("layer")
    axes.set_ylabel("layer")
    axes.grid(visible=False)
    figure.colorbar(image, ax=axes, label="divergence (bits)")
    run.figure("likeness", figure)


def look_back(run: Run, model: MiniLM, sentences: Sequence[str], traces: Sequence[Trace]) -> None:
    """The head that looks at the token before: is it the words, or their places?"""
    weights = torch.stack([previous_weight(t) for t in traces]).mean(dim=0)
    run.value("back", float(weights[LOOK_BACK]), digits=3)
    run.value("back_next", float(weights.flatten().topk(2).values[1]), digits=2)
    source = fresh_source()
    random_ids = torch.randint(1000, len(model.words), (NONSENSE, 16), generator=source)
    nonsense = [previous_weight(trace(model.encoder, model.words[ids])) for ids in random_ids]
    run.value("nonsense_texts", NONSENSE)
    run.value("back_nonsense", float(torch.stack(nonsense).mean(dim=0)[LOOK_BACK]), digits=3)
    nowhere = replace(model.encoder, positions=torch.zeros_like(model.encoder.positions))
    without = [
        previous_weight(trace(nowhere, model.words[model.ids(sentence)])) for sentence in sentences
    ]
    run.value("back_nowhere", float(torch.stack(without).mean(dim=0)[LOOK_BACK]), digits=2)


def pronouns(run: Run, model: MiniLM, rows: Sequence[dict[str, str]]) -> None:
    """The famous sentence, then pairs of sentences in which one word changes what "it" means."""
    run.string("tired", TIRED)
    tokens = model.tokens(TIRED)
    query, animal, street = (tokens.index(word) for word in ("it", "animal", "street"))
    row = model.trace(TIRED).attention[PRONOUN][query]
    run.value("it_animal", float(row[animal]), digits=3)
    run.value("it_street", float(row[street]), digits=3)
    wide = TIRED.replace("tired", "wide")
    row = model.trace(wide).attention[PRONOUN][query]
    run.value("wide_animal", float(row[animal]), digits=3)
    run.value("wide_street", float(row[street]), digits=3)
    weights = pronoun_weights(model, rows)
    first, second = (each[..., 0] / each.sum(dim=-1) for each in weights)
    both = torch.stack(weights).sum(dim=-1).mean(dim=(0, 1))
    run.value("it_both", float(both[PRONOUN]), digits=2)
    run.value("it_both_median", float(both.median()), digits=2)
    run.value("schemas", len(rows))
    run.value("cases", 2 * len(rows))
    right = (first > 0.5).sum(dim=0) + (second < 0.5).sum(dim=0)
    run.value("best_right", int(right.max()))
    run.value("pronoun_right", int(right[PRONOUN]))
    run.value("coin_best", best_of_coins(right.numel(), 2 * len(rows)), digits=1)


def draw_roles(run: Run, model: MiniLM, sentence: str) -> None:
    """The two heads on a sentence each: queries in rows, keys in columns."""
    figure = run.new_figure(53)
    panels = figure.subplots(1, 2)
    for axes, text, place in zip(panels, (sentence, TIRED), (LOOK_BACK, PRONOUN), strict=True):
        tokens = model.tokens(text)
        image = axes.imshow(model.trace(text).attention[place], cmap="Blues", vmin=0, vmax=1)
        axes.set_xticks(range(len(tokens)), tokens, rotation=90, fontsize=6)
        axes.set_yticks(range(len(tokens)), tokens, fontsize=6)
        axes.set_title(f"head {place[1]} of layer {place[0]}")
        axes.grid(visible=False)
    figure.colorbar(image, ax=list(panels), label="weight", shrink=0.8)
    run.figure("roles", figure)


# ---------------------------------------------------------------- pruning


def draw_pruning(run: Run, curves: dict[str, list[list[float]]]) -> None:
    """The curves, and what single heads are worth."""
    at = PRUNED.index(24)
    run.value("pruned", PRUNED[at])
    run.value("kept_least", curves["least"][0][at], digits=3)
    run.value("kept_most", curves["most"][0][at], digits=3)
    random = torch.tensor(curves["random"], dtype=torch.float64)
    run.value("kept_random", float(random[:, at].mean()), digits=3)
    run.value("kept_random_low", float(random[:, at].min()), digits=3)
    run.value("kept_random_high", float(random[:, at].max()), digits=3)
    run.value("draws", len(random))
    run.value("kept_none", curves["least"][0][-1], digits=3)
    alone = torch.tensor(curves["alone"][0])
    worst = int(alone.argmin())
    run.value("alone_worst", float(alone.min()), digits=3)
    run.value("worst_layer", worst // 12)
    run.value("worst_head", worst % 12)
    run.value("alone_median", float(alone.median()), digits=4)
    run.value("alone_back", float(alone[LOOK_BACK[0] * 12 + LOOK_BACK[1]]), digits=4)
    figure = run.new_figure(48, 110)
    axes = figure.add_subplot()
    axes.fill_between(PRUNED, random.amin(dim=0), random.amax(dim=0), color="0.85")
    axes.plot(PRUNED, random.mean(dim=0), "s-", color="0.45", label="random")
    axes.plot(PRUNED, curves["least"][0], "o-", color="C0", label="least important first")
    axes.plot(PRUNED, curves["most"][0], "^-", color="C1", label="most important first")
    axes.set_xlabel("heads pruned")
    axes.set_ylabel("cosine with the whole model")
    axes.set_xticks(PRUNED)
    axes.set_ylim(0, 1.04)
    axes.legend(loc="lower left")
    run.figure("pruning", figure)
