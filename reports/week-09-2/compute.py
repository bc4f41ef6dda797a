"""Week 9, advanced: two runs rebuilt, one factor at a time, a width sweep, and real neurons."""

from pathlib import Path

import torch
from common.bert import unit
from common.bert_blocks import batch, bert_blocks, layer_inputs, through
from common.minilm import MiniLM, load_minilm
from common.neurons import area_under_curve, best_unit, ranks, strongest_only
from common.transformer.feed_forward import Activation, feed_forward, gelu, identity, relu
from common.two_runs import INNER_A, INPUT_A, INPUT_B, biases, first_matrices, second_matrices
from common.width_sweep import linear_floor, trained_errors
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
CITY = (3, 111)  # layer and unit, from 0: the neuron of the figure, found by the group's cities


def compute(run: Run) -> None:
    """Every number, table and figure of the report, section by section."""
    w1, w2, b1, b2 = recovered(run)
    factors(run, w1, w2, b1, b2)
    distances(run, w1, w2, b1, b2)
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


# ---------------------------------------------------------------- the group's two runs


def recovered(run: Run) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """The weights of run A, as far as the printed numbers fix them: W₁, W₂, b₁, b₂."""
    b1, b2 = biases()
    firsts, seconds = first_matrices(), second_matrices()
    run.value("first_count", len(firsts))
    run.value("second_count", len(seconds))
    # Of the many W₁ the one with the smallest numbers stands for all: they agree on run A.
    w1 = min(firsts, key=lambda w: w.norm().item())
    w2 = seconds[0]
    inner = torch.tensor(INNER_A)
    run.value("inner_a", inner.numel())
    run.value("closed_a", int((inner <= 0).sum()))
    run.value("determinant", torch.linalg.det(w2).item(), digits=2)
    run.value("rank", int(torch.linalg.matrix_rank(w2)))

    # Neighbouring solutions of the first column differ by the direction that run A never shows.
    column = sorted({tuple(w[:, 0].tolist()) for w in firsts})
    for i, (low, high) in enumerate(zip(column[0], column[1], strict=True)):
        run.value(f"dark_{i}", high - low, digits=1)
    x = torch.tensor(INPUT_B, dtype=torch.float64)
    # Rounded, so that equal outputs with another last bit count once.
    outputs = {
        tuple(round(y, 6) for y in feed_forward(x, w, b1, w2, b2).flatten().tolist())
        for w in firsts
    }
    run.value("told_apart", len({tuple((x @ w * 100).round().flatten().tolist()) for w in firsts}))
    run.value("told_apart_output", len(outputs))
    for name, matrix in (("first", w1), ("second", w2)):
        for i in range(3):
            for j in range(3):
                run.value(f"{name}_{i}_{j}", matrix[i, j].item(), digits=1)
    return w1, w2, b1, b2


def stages(x: Tensor, w1: Tensor, b1: Tensor, w2: Tensor, b2: Tensor) -> list[Tensor]:
    """X, X W₁ + b₁, its ReLU and the output, each (2, 3)."""
    before = x @ w1 + b1
    return [x, before, relu(before), feed_forward(x, w1, b1, w2, b2)]


def factors(run: Run, w1: Tensor, w2: Tensor, b1: Tensor, b2: Tensor) -> None:
    """The two printed runs and the one between them; pictures with own and common colours."""
    one = torch.eye(3, dtype=torch.float64)
    a, b = (torch.tensor(x, dtype=torch.float64) for x in (INPUT_A, INPUT_B))
    rows = {
        "a": stages(a, w1, b1, w2, b2),
        "between": stages(a, one, b1, one, b2),
        "b": stages(b, one, b1, one, b2),
    }
    for name, row in rows.items():
        for i in range(2):
            for j in range(3):
                run.value(f"out_{name}_{i}_{j}", row[3][i, j].item(), digits=3)
    tops = [matrix.max().item() for name in ("a", "b") for matrix in rows[name]]
    run.value("yellow_least", min(tops), digits=1)
    run.value("yellow_most", max(tops), digits=2)
    weights_alone = rows["between"][3] - rows["a"][3]
    input_alone = rows["b"][3] - rows["between"][3]
    run.value("effect_weights", weights_alone[0, 2].item(), digits=2)
    run.value("effect_input", input_alone[0, 2].item(), digits=2)
    figure = run.new_figure(29)
    panels = figure.subplots(2, 4)
    for axes_row, name in zip(panels, ("a", "b"), strict=True):
        for axes, matrix in zip(axes_row, rows[name], strict=True):
            paint(axes, matrix, float(matrix.min()), float(matrix.max()), colours="viridis")
    label_stages(panels, ("A", "B"))
    run.figure("own-scales", figure)

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


def distances(run: Run, w1: Tensor, w2: Tensor, b1: Tensor, b2: Tensor) -> None:
    """|x₁ − x₂| of the two tokens at every stage of the three runs."""
    one = torch.eye(3, dtype=torch.float64)
    rows: list[list[str | float]] = []
    for name, x, first, second in (
        ("A", INPUT_A, w1, w2),
        ("A′", INPUT_A, one, one),
        ("B", INPUT_B, one, one),
    ):
        steps = stages(torch.tensor(x, dtype=torch.float64), first, b1, second, b2)
        rows.append([name, *((step[0] - step[1]).norm().item() for step in steps)])
    run.table(
        "distances",
        ["run", "$X$", "$XW_1 + b_1$", "$\\max(0, \\cdot)$", "$\\cdot\\, W_2 + b_2$"],
        rows,
        digits=2,
    )
    run.value("stretch_first", float(rows[0][2]) / float(rows[0][1]), digits=2)
    run.value("stretch_relu", float(rows[0][3]) / float(rows[0][2]), digits=2)
    run.value("stretch_second", float(rows[0][4]) / float(rows[0][3]), digits=2)
    run.value("stretch_relu_between", float(rows[1][3]) / float(rows[1][2]), digits=2)
    run.value("most_second", torch.linalg.svdvals(w2)[0].item(), digits=2)


# ---------------------------------------------------------------- one factor at a time


def sweep_errors(name: str, numbers: int) -> Tensor:
    """(widths, seeds): `trained_errors` for one activation, kept by content."""
    return trained_errors(ACTIVATIONS[name], numbers, WIDTHS, SEEDS, STEPS)


def sweep(run: Run) -> None:
    """Error of the trained layers against the width, for each activation, with the floor."""
    figure = run.new_figure(42)
    panels = figure.subplots(1, 2, sharey=True)
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
            for index, width in enumerate(WIDTHS):
                run.value(f"error_{name}_{numbers}_{width}", middle_one[index].item(), digits=4)
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
    run.value("units", opened.shape[1])
    run.value("words", len(words))
    run.value("shuffles", SHUFFLES)
    run.value("lucky_seen", max(a for a, _ in lucky), digits=2)
    run.value("lucky_unseen", max(b for _, b in lucky), digits=2)

    cities = torch.tensor([name == "cities" for name in names])
    number = CITY[0] * units + CITY[1]
    for place, half, name in ((places[0], even, "seen"), (places[1], ~even, "unseen")):
        area = area_under_curve(place[:, [number]], cities[half]).item()
        run.value(f"city_{name}", area, digits=3)
    order = opened[:, number].argsort(descending=True).tolist()
    run.string("city_top", ", ".join(words[i] for i in order[:4]))
    other = next(i for i in order if names[i] != "cities")
    run.string("city_other", words[other])
    run.value("city_count", int(cities.sum()))
    run.value("city_other_rank", order.index(other) + 1)
    figure = run.new_figure(36, 120)
    axes = figure.add_subplot()
    for line, name in enumerate(groups):
        inside = torch.tensor([other == name for other in names])
        rest = opened[inside, number]
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
        run.value(f"opened_{one.group}", one.activation, digits=1)
        run.value(f"before_{one.group}", one.before, digits=3)
        run.value(f"after_{one.group}", one.after, digits=3)
        run.string(f"prompt_{one.group}", prompts[one.group])
    run.value("unseen_least", min(one.unseen for one in found), digits=1)
    run.value("random_unseen_most", max(unseen for _, unseen in chance), digits=1)
    means = [sum(column) / SHUFFLES for column in zip(*chance, strict=True)]
    rows.append(["random", "–", *means, "–"])
    run.table("values", ["words", "unit", "seen", "unseen", "raised most"], rows, digits=1)
    run.table(
        "removed",
        ["words", "prompt", "opened", "before", "after"],
        [
            [one.group, f"{prompts[one.group]} …", one.activation, one.before, one.after]
            for one in found
        ],
        digits=[None, None, 1, 3, 3],
    )
    run.value("all_units", 30 * 1536)


def different(tokens: tuple[str, ...], count: int) -> str:
    """The first `count` tokens that differ by more than case and a space, in one line."""
    seen: dict[str, str] = {}
    for token in tokens:
        seen.setdefault(token.strip().casefold(), token.strip())
    return ", ".join(list(seen.values())[:count])
