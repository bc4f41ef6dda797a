"""Week 12: a Transformer of the study's parts, without each of them, in a real one, and BERT."""

import math
from itertools import pairwise

import torch
from common.lens import even_share, lens_ranks, lens_words, sink_share
from common.smollm2 import END_OF_TEXT, SmolLM2, load_smollm2
from common.stories import entropy, mean_length
from common.tiny_gpt import bits_of_tokens, restored, right, talk
from common.tiny_runs import ABLATIONS, Ground, Kept, ground, pretrained, variant
from common.torch_twins import twins
from common.transformer.model import CrossBlock, weights
from common.transformer.residual import Block
from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from generator.compute.script import Run

HARBOUR, KITCHEN = "reports/week-12/data/stories.txt", "reports/project/data/kitchen.txt"
CAPITALS = {
    "France": "Paris",
    "Japan": "Tokyo",
    "Italy": "Rome",
    "Germany": "Berlin",
    "Spain": "Madrid",
    "Egypt": "Cairo",
    "Russia": "Moscow",
    "Greece": "Athens",
}


def compute(run: Run) -> None:
    """Every number, table and figure of the report, section by section."""
    assembled(run)
    harbour = run.file(HARBOUR).read_text(encoding="utf-8")
    kitchen = run.file(KITCHEN).read_text(encoding="utf-8")
    base = ground(harbour, kitchen)
    plain = run.memo(pretrained, harbour, kitchen)
    trained(run, base, plain)
    others = {
        name: run.memo(pretrained, harbour, kitchen, name)
        for name in (*ABLATIONS, "another seed", "a third seed")
    }
    taken_out(run, plain, others)
    masked(run, base, plain, run.memo(pretrained, harbour, kitchen, "BERT"))
    model = load_smollm2(run.model("smollm2"))
    lens(run, model)
    sinks(run, model, run.file("data/harbour.txt").read_text(encoding="utf-8"))


# ---------------------------------------------------------------- assembled


def assembled(run: Run) -> None:
    """The parts against torch.nn, and the size of the first Transformer."""
    found = twins(run.seed)
    # The power of ten above the largest difference, so that the text can say "below".
    run.value("worst_power", math.ceil(math.log10(max(twin.difference for twin in found))))
    run.table(
        "twins",
        ("part", "week", "twin in torch.nn", "largest difference"),
        [(t.part, t.week, t.other, t.difference) for t in found],
        digits=0,  # what would round to zero is shown with a power of ten
    )
    with torch.device("meta"):
        blocks = [Block(512, 8, 2048) for _ in range(6)]
        cross = [CrossBlock(512, 8, 2048) for _ in range(6)]
    words = 37_000 * 512
    total = sum(map(weights, [*blocks, *cross])) + words
    run.value("base_millions", total / 1e6, digits=1)
    run.value("base_blocks_millions", (total - words) / 1e6, digits=1)
    diagram(run)


def diagram(run: Run) -> None:
    """The model as boxes with the ways around drawn in, bottom to top turned left to right."""
    figure = run.new_figure(38)
    axes = figure.subplots()
    axes.set_axis_off()
    axes.set_xlim(0, 150)
    axes.set_ylim(0, 38)
    boxes = [
        (0, 15, "tokens\nweek 4", "#FFFFFF"),
        (20, 16, "embedding\nweek 5", "#D5E8F4"),
        (41, 16, "positions\nweek 10", "#D5E8F4"),
        (66, 24, "multi-head\nattention\nweeks 6–8", "#FBE3D3"),
        (101, 21, "feed-\nforward\nweek 9", "#D2EEE4"),
        (130, 20, "read-out\nweek 1", "#D5E8F4"),
    ]
    for left, width, words, colour in boxes:
        axes.add_patch(
            FancyBboxPatch(
                (left, 8),
                width,
                14,
                boxstyle="round,pad=0,rounding_size=1.5",
                facecolor=colour,
                edgecolor="#444444",
                linewidth=0.6,
            )
        )
        axes.text(left + width / 2, 15, words, ha="center", va="center", fontsize=7.5)
    for (left, width, *_), (following, *_) in pairwise(boxes):
        arrow(axes, (left + width, 15), (following, 15))
    for start, end in ((62.5, 94), (97, 126)):
        arrow(axes, (start, 15), (end, 15), bend=-0.62)
        axes.text((start + end) / 2, 27.5, "x + F(N(x))\nweek 11", ha="center", fontsize=7)
    axes.plot([60, 60, 128, 128, 60], [4, 36, 36, 4, 4], color="#888888", linewidth=0.6)
    axes.text(94, 0.5, "one block, repeated", ha="center", fontsize=7)
    run.figure("diagram", figure)


def arrow(
    axes: Axes, start: tuple[float, float], end: tuple[float, float], bend: float = 0
) -> None:
    """An arrow from `start` to `end`, curved by `bend`."""
    axes.add_patch(
        FancyArrowPatch(
            start,
            end,
            connectionstyle=f"arc3,rad={bend}",
            arrowstyle="-|>",
            mutation_scale=6,
            linewidth=0.8,
            color="#444444",
            shrinkA=0,
            shrinkB=0,
        )
    )


# ---------------------------------------------------------------- trained


def floor_bits(base: Ground) -> float:
    """Bits per token, the first left out, below which no model can be on average."""
    first = math.log2(len(base.harbour.kinds["name"]))  # every story begins with a name
    return (entropy(base.harbour) - first) / (mean_length(base.harbour) - 1)


def unigram_bits(base: Ground) -> float:
    """Bits per token, the first left out, of a model that knows how often each word occurs."""
    told = base.told(base.harbour, 2000, 1).rows[:, 1:]
    counts = torch.bincount(told.flatten(), minlength=len(base.words)).double()[2:]
    p = counts / counts.sum()
    held = base.told(base.harbour, 200, 2).rows[:, 1:]
    return float(-p[held[held > 1] - 2].log2().mean())


def trained(run: Run, base: Ground, plain: Kept) -> None:
    """The plain model: size, learning curve, what it says."""
    model = restored(base.shape, plain.weights)
    run.value("weights", weights(model))
    run.value("words", len(base.words))
    run.value("stories", len(base.harbour.stories))
    run.value("story_bits", entropy(base.harbour), digits=2)
    run.value("floor", floor_bits(base), digits=3)
    run.value("unigram", unigram_bits(base), digits=2)
    run.value("plain_bits", plain.bits[-1], digits=3)
    run.value("plain_right", 100 * plain.right[-1], digits=0, unit="%")
    run.value("steps", plain.steps[-1])
    start = torch.tensor([base.words.index("mina")])
    for number in range(3):
        said = [base.words[int(i)] for i in talk(model, start, 26, 10 + number)]
        # Nothing tells the model that a story is over: keep it until the answer's full stop.
        run.string(f"said_{number}", " ".join(said[: said.index(".", said.index("?")) + 1]))

    figure = run.new_figure(46)
    left, other = figure.subplots(1, 2)
    left.plot(plain.steps[1:], plain.bits[1:], "o-")
    left.axhline(floor_bits(base), color="0.4", linestyle="--")
    left.text(
        plain.steps[-1], floor_bits(base) + 0.01, "floor", ha="right", va="bottom", fontsize=7
    )
    left.set_ylabel("bits per token")
    left.set_ylim(0.45, None)
    other.plot(plain.steps[1:], [100 * share for share in plain.right[1:]], "o-")
    other.set_ylabel("right answers (%)")
    other.set_ylim(0, 100)
    for axes in (left, other):
        axes.set_xlabel("step")
    run.figure("learning", figure)


# ---------------------------------------------------------------- taken out


def taken_out(run: Run, plain: Kept, others: dict[str, Kept]) -> None:
    """Each ablation's cost, beside the spread over three seeds."""
    seeds = [plain, others["another seed"], others["a third seed"]]
    ends = [kept.bits[-1] for kept in seeds]
    run.value("seed_low", min(ends), digits=3)
    run.value("seed_high", max(ends), digits=3)
    run.value("seed_right_low", 100 * min(k.right[-1] for k in seeds), digits=0)
    run.value("seed_right_high", 100 * max(k.right[-1] for k in seeds), digits=0, unit="%")
    order = sorted(ABLATIONS, key=lambda name: others[name].bits[-1])
    for name in ABLATIONS:
        key = name.replace(" ", "_").replace("-", "_")
        run.value(f"{key}_bits", others[name].bits[-1], digits=2)
        run.value(f"{key}_right", 100 * others[name].right[-1], digits=0, unit="%")

    figure = run.new_figure(52)
    left, other = figure.subplots(1, 2, sharey=True)
    places = range(len(order) + 1)
    names = ["all parts", *order]
    left.barh(places, [ends[0], *(others[name].bits[-1] for name in order)], height=0.65)
    left.axvspan(min(ends), max(ends), color="0.8", zorder=0)
    left.set_yticks(places, names)
    left.invert_yaxis()
    left.set_xlim(0.45, None)
    left.set_xlabel("bits per token")
    rights = [100 * plain.right[-1], *(100 * others[name].right[-1] for name in order)]
    other.barh(places, rights, height=0.65, color="#D55E00")
    other.axvspan(
        100 * min(k.right[-1] for k in seeds),
        100 * max(k.right[-1] for k in seeds),
        color="0.8",
        zorder=0,
    )
    other.set_xlim(0, 100)
    other.set_xlabel("right answers (%)")
    for axes in (left, other):
        axes.grid(visible=False, axis="y")
    run.figure("ablations", figure)


# ---------------------------------------------------------------- a masked model


def masked(run: Run, base: Ground, plain: Kept, found: Kept) -> None:
    """The same stories with both neighbours in view, against the left ones only."""
    gpt = restored(base.shape, plain.weights)
    shape, _ = variant("BERT", base.shape)
    bert = restored(shape, found.weights)
    held = base.told(base.harbour, 200, 2)
    kinds = {"names": "name", "colours": "colour", "things": "thing", "places": "place"}
    sides = [bits_of_tokens(model, held.rows) for model in (gpt, bert)]
    real = held.rows[:, 1:] > 1

    def means(here: torch.Tensor) -> tuple[float, float]:
        return float(sides[0][:, 1:][here].mean()), float(sides[1][:, 1:][here].mean())

    rows: list[tuple[str, float, float]] = []
    for label, kind in kinds.items():
        ids = torch.tensor([base.words.index(word) for word in base.harbour.kinds[kind]])
        here = torch.isin(held.rows[:, 1:], ids) & ~held.answers[:, 1:]
        rows.append((label, *means(here)))
    slots = torch.tensor(
        [base.words.index(word) for kind in base.harbour.kinds.values() for word in kind]
    )
    fixed = real & ~torch.isin(held.rows[:, 1:], slots)
    rows.append(("other words and marks", *means(fixed)))
    answers = held.answers[:, 1:]
    rows.append(("answers", *means(answers)))
    rows.append(("all", *means(real)))
    run.table("masked", ("tokens", "left context only", "both sides"), rows, digits=2)
    run.value("gpt_all", rows[-1][1], digits=2)
    run.value("bert_all", rows[-1][2], digits=2)
    run.value("bert_right", 100 * right(bert, held), digits=0, unit="%")

    row = next(i for i in range(200) if base.words.index("gives") in held.rows[i].tolist())
    words = [base.words[i] for i in held.rows[row].tolist() if i > 1]
    figure = run.new_figure(44)
    axes = figure.subplots()
    places = torch.arange(1, len(words))
    axes.bar(places - 0.2, sides[0][row, 1 : len(words)], width=0.4, label="left context only")
    axes.bar(places + 0.2, sides[1][row, 1 : len(words)], width=0.4, label="both sides")
    axes.set_xticks(places.tolist(), words[1:], rotation=60, ha="right")
    axes.set_ylabel("bits")
    axes.grid(visible=False, axis="x")
    axes.legend()
    run.string("masked_story", " ".join(words))
    run.figure("masked", figure)


# ---------------------------------------------------------------- a real model


def lens(run: Run, model: SmolLM2) -> None:
    """Where in its depth the model knows the capital."""
    ranks: dict[str, list[int]] = {}
    short: list[float] = []
    for country, capital in CAPITALS.items():
        found = model.trace(model.ids(f"The capital of {country} is"))
        token = model.ids(f" {capital}")[0]
        ranks[country] = lens_ranks(model, found, token)
        short.append(100 * sink_share(found.attention).mean().item())
        if country == "France":
            p = model.readout(found.hidden[-1, -1]).softmax(-1)[token]
            words = lens_words(model, found)
            run.string("lens_word_29", words[28].strip())
            run.value("paris_p", p.item(), digits=3)
    run.value("sink_short_low", min(short), digits=0)
    run.value("sink_short_high", max(short), digits=0, unit="%")
    paris = ranks["France"]
    run.value("paris_before", int(torch.tensor(paris[:20]).median()))
    for block in (21, 24, 27, 29, 30):
        run.value(f"paris_{block}", paris[block - 1])
    run.value("capitals", len(CAPITALS))
    run.value("capitals_first", sum(each[-1] == 1 for each in ranks.values()))
    half = [next(i + 1 for i, rank in enumerate(each) if rank <= 100) for each in ranks.values()]
    run.value("hundred_low", min(half))
    run.value("hundred_high", max(half))

    figure = run.new_figure(42)
    axes = figure.subplots()
    depth = range(1, len(paris) + 1)
    for country, each in ranks.items():
        if country != "France":
            axes.plot(depth, each, color="0.72", linewidth=0.9)
    axes.plot(depth, paris, "o-", label="Paris")
    axes.set_yscale("log")
    axes.invert_yaxis()
    axes.set_xlabel("blocks that the state has been through")
    axes.set_ylabel("rank of the right capital")
    axes.legend(loc="upper left")
    run.figure("lens", figure)


def sinks(run: Run, model: SmolLM2, text: str) -> None:
    """How much of the attention goes to the first token, whatever it is."""
    paragraphs = text.split("\n\n")[:6]
    ids = [model.ids(paragraph)[:48] for paragraph in paragraphs]
    traces = [model.trace(part) for part in ids]
    shares = torch.stack([sink_share(found.attention) for found in traces])
    by_text = shares.mean(1)
    run.value("sink_low", 100 * by_text.min().item(), digits=0)
    run.value("sink_high", 100 * by_text.max().item(), digits=0, unit="%")
    run.value("sink_even", 100 * even_share(48), digits=0, unit="%")
    by_block = shares.mean(0)
    run.value("sink_block_high", 100 * by_block.max().item(), digits=0, unit="%")

    few = [str(block) for block, x in enumerate(by_block, 1) if x < 2 * even_share(48)]
    run.string("sink_few", ", ".join(few[:-1]) + " and " + few[-1])

    # Controls: without its first token, a text has another first token; with <|endoftext|>
    # before it, the old first token is the second.
    cut = [model.trace(part[1:]) for part in ids]
    run.value(
        "sink_cut",
        100 * torch.stack([sink_share(f.attention) for f in cut]).mean().item(),
        digits=0,
        unit="%",
    )
    old = [sink_share(found.attention, 1).mean() for found in traces]
    run.value("second_share", 100 * torch.stack(old).mean().item(), digits=0, unit="%")
    led = [model.trace([END_OF_TEXT, *part]) for part in ids]
    led_old = torch.stack([sink_share(f.attention, 1).mean() for f in led]).mean()
    led_new = torch.stack([sink_share(f.attention).mean() for f in led]).mean()
    run.value("led_first", 100 * led_new.item(), digits=0, unit="%")
    run.value("led_second", 100 * led_old.item(), digits=0, unit="%")
    norms = torch.stack([found.hidden[15].norm(dim=-1) for found in traces])
    run.value("norm_first", norms[:, 0].mean().item(), digits=0)
    run.value("norm_rest", norms[:, 1:].mean().item(), digits=0)
    # What a token that is looked at hands over: the length of its value.
    lengths = torch.stack([value_lengths(model, found.hidden) for found in traces])
    ratio = lengths[:, :, 0] / lengths[:, :, 1:].median(dim=-1).values
    run.value("value_ratio", ratio.median().item(), digits=2)

    figure = run.new_figure(44)
    left, other = figure.subplots(1, 2, width_ratios=(1.4, 1))
    left.bar(range(1, len(by_block) + 1), 100 * by_block)
    left.axhline(100 * even_share(48), color="0.3", linestyle="--")
    left.set_xlabel("block")
    left.set_ylabel("weight on the first token (%)")
    left.grid(visible=False, axis="x")
    block = int(by_block.argmax())
    other.imshow(traces[0].attention[block].mean(0)[:20, :20], vmin=0, vmax=1, cmap="Blues")
    other.set_xlabel("key")
    other.set_ylabel("query")
    other.grid(visible=False)
    run.value("sink_block", block + 1)
    run.figure("sinks", figure)


def value_lengths(model: SmolLM2, hidden: torch.Tensor) -> torch.Tensor:
    """(L, n): the length of each token's value vectors in every block. hidden: (L + 1, n, d)."""
    found = []
    for block, state in zip(model.blocks, hidden[:-1], strict=True):
        normed = state * torch.rsqrt(state.square().mean(-1, keepdim=True) + model.epsilon)
        found.append((normed * block.attention_norm @ block.value.T).norm(dim=-1))
    return torch.stack(found)
