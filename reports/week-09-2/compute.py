"""Week 9, advanced: three units by hand, a width sweep, real units, and two runs rebuilt."""

import math
from pathlib import Path

import torch
from common.bert import unit
from common.bert_blocks import batch, bert_blocks, layer_inputs, through
from common.comparison import paired_interval
from common.in_korean import korean_table
from common.minilm import MiniLM, load_minilm
from common.neurons import best_unit, ranks, strongest_only
from common.transformer.feed_forward import Activation, feed_forward, gelu, identity, relu
from common.two_runs import INPUT_A, INPUT_B, biases, first_matrices, second_matrices
from common.width_sweep import largest_variance, linear_floor, trained_errors
from common.writing import groups_of, written
from matplotlib.axes import Axes
from matplotlib.image import AxesImage
from torch import Tensor

from generator.compute.script import Run

ACTIVATIONS: dict[str, Activation] = {"identity": identity, "relu": relu, "tanh": torch.tanh}
WIDTHS = (1, 2, 3, 4, 8, 16, 32)
SEEDS, STEPS = 5, 1500
FLOOR = 1e-7  # smaller errors are drawn at this height
SHARES = (0.0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
FITTED = 12  # sentences from which the mean activations are taken; the rest test them
SHUFFLES = 20
IN_KOREAN = {
    "cities": "도시",
    "animals": "동물",
    "food": "음식",
    "body": "몸",
    "verbs": "동사",
    "objects": "사물",
    "people": "사람",
    "feelings": "감정",
    "shuffled": "뒤섞음",
    "random": "무작위",
}
# The larger of two numbers in three units: keys in columns (2, 3), values (3,). For the smaller
# of them the exercise has the other two.
LARGER = (((1.0, 0.0, 0.0), (-1.0, 1.0, -1.0)), (1.0, 1.0, -1.0))
SMALLER = (((0.0, 0.0, -1.0), (1.0, -1.0, 1.0)), (1.0, -1.0, -1.0))


def compute(run: Run) -> None:
    """Every number, table and figure of the report, section by section."""
    by_hand(run)
    sweep(run)
    paths = (
        run.model("minilm-weights"),
        run.model("minilm-tokenizer"),
        run.model("minilm-config"),
    )
    sentences = run.file("reports/week-09-1/data/sentences.txt").read_text(encoding="utf-8")
    sparsity(run, paths, sentences.splitlines())
    groups = groups_of(run.file("data/words.txt").read_text(encoding="utf-8"))
    prompts = groups_of(run.file("data/prompts.txt").read_text(encoding="utf-8"))
    keys(run, load_minilm(*paths), groups)
    values(run, groups, {name: " ".join(words) for name, words in prompts.items()})
    counts(run)
    w1, w2, b1, b2 = recovered(run)
    factors(run, w1, w2, b1, b2)


# ---------------------------------------------------------------- three units by hand


def unit_by_unit(x: Tensor, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """k_i · x, its ReLU and what each unit adds, (…, 3); x (…, 2), keys (2, 3), values (3,)."""
    before = x @ keys
    after = relu(before)
    return before, after, after * values


def by_hand(run: Run) -> None:
    """Two layers of three units at two inputs, and the picture of the first."""
    larger, smaller = (
        tuple(torch.tensor(part, dtype=torch.float64) for part in layer)
        for layer in (LARGER, SMALLER)
    )
    for name, x, (keys, values) in (
        ("hand", (2.0, -1.0), larger),
        ("check", (1.0, 3.0), larger),
        ("min", (2.0, -1.0), smaller),
    ):
        steps = unit_by_unit(torch.tensor(x, dtype=torch.float64), keys, values)
        for stage, numbers in zip(("before", "after", "adds"), steps, strict=True):
            for i, number in enumerate(numbers.tolist()):
                run.value(f"{name}_{stage}_{i}", round(number))
        run.value(f"{name}_out", round(steps[2].sum().item()))

    a = torch.linspace(-3, 3, 121, dtype=torch.float64)
    adds = unit_by_unit(torch.stack([a, torch.full_like(a, -1)], dim=1), *larger)[2]
    figure = run.new_figure(36, 100)
    axes = figure.add_subplot()
    labels = (r"$\max(0,\ a-b)$", r"$\max(0,\ b)$", r"$-\max(0,\ -b)$")
    for line, (label, style) in enumerate(zip(labels, ("--", ":", "-."), strict=True)):
        axes.plot(a, adds[:, line], style, label=label)
    axes.plot(a, adds.sum(dim=1), color="black", linewidth=2, label=r"$\max(a,\ b)$")
    axes.set_xlabel("$a$")
    axes.legend(loc="center left", bbox_to_anchor=(1.02, 0.5))
    run.figure("units", figure)


def two_units(constant: float) -> float:
    """Error of max(0, a − b) + max(0, b + C) − C for the larger of a and b, over its variance.

    It differs from max(a, b) by C + b where b < −C, so the mean square is
    ∫ (C + b)² φ(b) db = (1 + C²) Φ(−C) − C φ(C), taken below −C.
    """
    phi = math.exp(-(constant**2) / 2) / math.sqrt(2 * math.pi)
    below = math.erfc(constant / math.sqrt(2)) / 2
    return ((1 + constant**2) * below - constant * phi) / largest_variance(2)


def counts(run: Run) -> None:
    """Numbers held by the two layers of a block, for the width and inner width of MiniLM."""
    d, f = 384, 1536
    feed, attention = 2 * d * f + f + d, 4 * d * d + 4 * d
    run.value("count_ffn", feed)
    run.value("count_attention", attention)
    run.value("count_share", feed / (feed + attention), digits=3)


# ---------------------------------------------------------------- one factor at a time


def sweep_errors(name: str, numbers: int) -> Tensor:
    """(widths, seeds): `trained_errors` for one activation, kept by content."""
    return trained_errors(ACTIVATIONS[name], numbers, WIDTHS, SEEDS, STEPS)


def sweep(run: Run) -> None:
    """Error of the trained layers against the width, for each activation, with the floor."""
    figure = run.new_figure(42)
    panels = figure.subplots(1, 2, sharey=True)
    found: dict[str, Tensor] = {}  # of the last panel, three numbers
    for axes, numbers in zip(panels, (2, 3), strict=True):
        floor = linear_floor(numbers)
        axes.axhline(floor, color="0.6", zorder=1)
        run.value(f"floor_{numbers}", floor, digits=4)
        for line, name in enumerate(ACTIVATIONS):
            errors = run.memo(sweep_errors, name, numbers)
            middle_one = errors.median(dim=1).values
            mark = "sox"[line]
            axes.plot(WIDTHS, middle_one.clamp(min=FLOOR), f"{mark}-", color=f"C{line}", label=name)
            for seed in range(SEEDS):
                axes.plot(WIDTHS, errors[:, seed], mark, color=f"C{line}", markersize=2, alpha=0.6)
            found[name] = errors
            for index, width in enumerate(WIDTHS):
                middle = middle_one[index].item()
                run.value(f"error_{name}_{numbers}_{width}", middle, digits=4)
            run.value(f"low_{name}_{numbers}", errors.min().item(), digits=4)
            run.value(f"high_{name}_{numbers}", errors.max().item(), digits=4)
            if name == "relu":
                for width in (2, 3):
                    at = errors[WIDTHS.index(width)]
                    run.value(f"best_{numbers}_{width}", at.min().item(), digits=4)
                    run.value(f"worst_{numbers}_{width}", at.max().item(), digits=4)
                    run.value(f"solved_{numbers}_{width}", int((at < 0.01).sum()))
        axes.set_xscale("log", base=2)
        axes.set_xticks(WIDTHS, [str(width) for width in WIDTHS])
        axes.set_yscale("log")
        axes.set_ylim(FLOOR / 2, 2)
        axes.set_title(f"$k = {numbers}$")
        axes.set_xlabel("$f$")
    panels[0].set_ylabel("error")
    panels[1].legend(loc="lower left")  # on the left it would lie on a mark
    run.figure("sweep", figure)
    # Layer for layer the same first weights and the same numbers to learn from.
    more = (found["tanh"][-1] - found["relu"][-1]).tolist()
    low, high = paired_interval(more)
    run.value("tanh_more", sum(more) / SEEDS, digits=4)
    run.value("tanh_more_from", low, digits=4)
    run.value("tanh_more_to", high, digits=4)
    run.value("two_units", two_units(3), digits=4)
    run.value("seeds", SEEDS)
    run.value("steps", STEPS)


# ---------------------------------------------------------------- how many units speak


def speaking(
    weights: Path, tokenizer: Path, config: Path, sentences: list[str]
) -> tuple[list[float], dict[str, list[float]]]:
    """Share of units above a tenth in each block, and cosines if only the strongest speak.

    The cosines are means over the sentences from FITTED on, one for each of SHARES, with the
    other units at 0 ("zero") or at their mean over the sentences before FITTED ("mean").
    """
    model = load_minilm(weights, tokenizer, config)
    blocks = bert_blocks(model.encoder)
    x = batch(model, sentences)
    opened = [gelu(part) for part in layer_inputs(blocks, x)]
    shares = [(part > 0.1).double().mean().item() for part in opened]
    reference = unit(through(blocks, x[FITTED:]).mean(dim=-2))
    means = [part[:FITTED].flatten(end_dim=-2).mean(dim=0) for part in opened]
    curves: dict[str, list[float]] = {"zero": [], "mean": []}
    for name, curve in curves.items():
        for share in SHARES:
            for block, mean in zip(blocks, means, strict=True):
                rest = mean if name == "mean" else torch.zeros_like(mean)
                block.feed_forward.activation = strongest_only(block, share, rest)
            vectors = unit(through(blocks, x[FITTED:]).mean(dim=-2))
            curve.append((vectors * reference).sum(dim=-1).mean().item())
    return shares, curves


def sparsity(run: Run, paths: tuple[Path, Path, Path], sentences: list[str]) -> None:
    """Share of open units by block, and what is left if only the strongest speak."""
    opened, curves = run.memo(speaking, *paths, sentences)
    shares = [100 * share for share in opened]
    run.value("open_low", min(shares), digits=0, unit="%")
    run.value("open_high", max(shares), digits=0, unit="%")
    run.value("sentences", len(sentences))
    for name, curve in curves.items():
        for share, cosine in zip(SHARES, curve, strict=True):
            run.value(f"kept_{name}_{round(100 * share)}", cosine, digits=2)

    figure = run.new_figure(36)
    left, right = figure.subplots(1, 2)
    left.bar(range(len(shares)), shares, width=0.6)
    left.set_xlabel("block")
    left.set_ylabel("$a > 0.1$ (%)")
    for mark, (name, curve) in zip("so", curves.items(), strict=True):
        percent = [100 * share for share in SHARES]
        right.plot(percent, curve, f"{mark}-", label="$0$" if name == "zero" else "$\\bar{a}$")
    right.set_xscale("symlog", linthresh=1, linscale=0.4)
    right.set_xticks([0, 1, 2, 5, 10, 20, 50, 100], ["0", "1", "2", "5", "10", "20", "50", "100"])
    right.set_ylim(0, 1.03)
    right.set_xlabel("kept (%)")
    right.set_ylabel("cosine")
    right.legend()
    run.figure("sparsity", figure)


# ---------------------------------------------------------------- keys


def keys(run: Run, model: MiniLM, groups: dict[str, list[str]]) -> None:
    """The unit of MiniLM that tells each group best, chosen on half of the words."""
    words = [word for group in groups.values() for word in group]
    names = [name for name, group in groups.items() for _ in group]
    inputs = layer_inputs(bert_blocks(model.encoder), batch(model, words))
    # The word is the token between [CLS] and [SEP].
    found = torch.stack([gelu(part)[:, 1] for part in inputs], dim=1)
    opened = found.flatten(start_dim=1)
    even = torch.arange(len(words)) % 2 == 0
    places = ranks(opened[even]), ranks(opened[~even])

    def halves(chosen: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        return places[0], chosen[even], places[1], chosen[~even]

    source = torch.Generator().manual_seed(torch.initial_seed())
    rows: list[list[str | float]] = []
    units = found.shape[-1]
    for name in groups:
        chosen = torch.tensor([other == name for other in names])
        seen, unseen, best = best_unit(*halves(chosen))
        if name == "cities":
            cities = best
        top = opened[:, best].argsort(descending=True)[:5].tolist()
        rows.append(
            [
                name,
                f"{best // units}, {best % units}",
                seen,
                unseen,
                ", ".join(words[i] for i in top),
            ]
        )
    sizes = torch.tensor([name == "food" for name in names])
    lucky = [
        best_unit(*halves(sizes[torch.randperm(len(sizes), generator=source)]))[:2]
        for _ in range(SHUFFLES)
    ]
    rows.append(
        [
            "shuffled",
            "–",
            sum(a for a, _ in lucky) / SHUFFLES,
            sum(b for _, b in lucky) / SHUFFLES,
            "–",
        ]
    )
    run.table("keys", ["words", "unit", "seen", "unseen", "opened most by"], rows, digits=2)
    columns = ["단어", "유닛", "본 것", "보지 않은 것", "가장 크게 여는 단어"]
    korean_table(run, "keys", columns, rows, IN_KOREAN, digits=2)
    run.value("units", opened.shape[1])
    run.value("words", len(words))
    run.value("shuffles", SHUFFLES)
    run.value("lucky_seen", max(a for a, _ in lucky), digits=2)
    run.value("lucky_unseen", max(b for _, b in lucky), digits=2)

    run.string("city_top", str(rows[0][-1]))  # the first kind
    figure = run.new_figure(36, 120)
    axes = figure.add_subplot()
    for line, name in enumerate(groups):
        inside = torch.tensor([other == name for other in names])
        rest = opened[inside, cities]
        axes.plot(
            rest, torch.full_like(rest, line), "o", markersize=3, alpha=0.6, color=f"C{line % 7}"
        )
    axes.set_yticks(range(len(groups)), list(groups))
    axes.invert_yaxis()
    axes.set_xlabel("$a$")
    run.figure("city-neuron", figure)


# ---------------------------------------------------------------- values


def values(run: Run, groups: dict[str, list[str]], prompts: dict[str, str]) -> None:
    """What single units of SmolLM2 write, and what the model says without them."""
    found, chance = run.memo(written, run.model("smollm2"), groups, prompts, SHUFFLES)
    rows: list[list[str | float]] = []
    for one in found:
        mark = "" if one.sign > 0 else "−"
        unit_name = f"{mark}{one.layer}, {one.unit}"
        rows.append([one.group, unit_name, one.seen, one.unseen, different(one.tokens, 5)])
        if one.group in ("people", "feelings"):
            run.value(f"before_{one.group}", one.before, digits=3)
            run.value(f"after_{one.group}", one.after, digits=3)
    run.value("unseen_least", min(one.unseen for one in found), digits=1)
    run.value("random_unseen_most", max(unseen for _, unseen in chance), digits=1)
    means = [sum(column) / SHUFFLES for column in zip(*chance, strict=True)]
    rows.append(["random", "–", *means, "–"])
    run.table("values", ["words", "unit", "seen", "unseen", "raised most"], rows, digits=1)
    columns = ["단어", "유닛", "본 것", "보지 않은 것", "가장 많이 올리는 토큰"]
    korean_table(run, "values", columns, rows, IN_KOREAN, digits=1)
    rows = [
        [one.group, f"{prompts[one.group]} …", one.activation, one.before, one.after]
        for one in found
    ]
    columns, digits = ["words", "prompt", "opened", "before", "after"], [None, None, 1, 3, 3]
    run.table("removed", columns, rows, digits=digits)
    columns = ["단어", "프롬프트", "활성값", "있을 때", "없앤 뒤"]
    korean_table(run, "removed", columns, rows, IN_KOREAN, digits=digits)
    run.value("all_units", 30 * 1536)


def different(tokens: tuple[str, ...], count: int) -> str:
    """The first `count` tokens that differ by more than case and a space, in one line."""
    seen: dict[str, str] = {}
    for token in tokens:
        seen.setdefault(token.strip().casefold(), token.strip())
    return ", ".join(list(seen.values())[:count])


# ---------------------------------------------------------------- the earlier report's two runs


def recovered(run: Run) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """The weights of run A, as far as the printed numbers fix them: W₁, W₂, b₁, b₂."""
    b1, b2 = biases()
    firsts, seconds = first_matrices(), second_matrices()
    run.value("first_count", len(firsts))
    # Of the many W₁ the one with the smallest numbers stands for all: they agree on run A.
    w1 = min(firsts, key=lambda w: w.norm().item())
    return w1, seconds[0], b1, b2


def stages(x: Tensor, w1: Tensor, b1: Tensor, w2: Tensor, b2: Tensor) -> list[Tensor]:
    """X, X W₁ + b₁, its ReLU and the output, each (2, 3)."""
    before = x @ w1 + b1
    return [x, before, relu(before), feed_forward(x, w1, b1, w2, b2)]


def factors(run: Run, w1: Tensor, w2: Tensor, b1: Tensor, b2: Tensor) -> None:
    """The two printed runs and the one between them on common colours."""
    one = torch.eye(3, dtype=torch.float64)
    a, b = (torch.tensor(x, dtype=torch.float64) for x in (INPUT_A, INPUT_B))
    rows = {
        "a": stages(a, w1, b1, w2, b2),
        "between": stages(a, one, b1, one, b2),
        "b": stages(b, one, b1, one, b2),
    }
    apart = [(matrix[0] - matrix[1]).norm().item() for matrix in rows["a"]]
    for name, before, after in zip(("first", "relu", "second"), apart, apart[1:], strict=False):
        run.value(f"stretch_{name}", after / before, digits=2)
    figure = run.new_figure(49)
    panels = figure.subplots(3, 4)
    for axes_row, row in zip(panels, rows.values(), strict=True):
        for axes, matrix in zip(axes_row, row, strict=True):
            image = paint(axes, matrix, -2.5, 2.5, colours="RdBu")
            for i in range(2):
                for j in range(3):
                    number = matrix[i, j].item()
                    dark = "white" if abs(number) > 1.6 else "black"
                    text = f"{number:.3g}".replace("-", "−")
                    axes.text(j, i, text, ha="center", va="center", color=dark, fontsize=7)
    label_stages(panels, ("A", "A′", "B"))
    figure.colorbar(image, ax=panels.ravel().tolist(), shrink=0.8, aspect=30)
    run.figure("common-scale", figure)


def paint(axes: Axes, matrix: Tensor, low: float, high: float, *, colours: str) -> AxesImage:
    """A (2, 3) matrix as coloured cells."""
    axes.grid(visible=False)
    axes.set_xticks([])
    axes.set_yticks([0, 1], ["1", "2"])
    return axes.imshow(matrix, cmap=colours, vmin=low, vmax=high, aspect="auto")


def label_stages(panels: "list[list[Axes]]", names: tuple[str, ...]) -> None:
    """Titles over the columns, the run's name beside the rows."""
    titles = ("$X$", "$XW_1+b_1$", "$\\max(0,\\cdot)$", "$\\cdot\\,W_2+b_2$")
    for axes, title in zip(panels[0], titles, strict=True):
        axes.set_title(title)
    for row, name in zip(panels, names, strict=True):
        row[0].set_ylabel(name, rotation=0, labelpad=8)
