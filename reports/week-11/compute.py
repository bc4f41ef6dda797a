"""Week 11: what a skip connection does to training, gradients, tokens; where the norm goes."""

import math
from pathlib import Path
from typing import Literal

import torch
from common.bert_blocks import batch, bert_blocks
from common.block_diagram import draw
from common.deep_stacks import (
    KEEPING,
    USUAL,
    WIRINGS,
    Gains,
    Trained,
    Wiring,
    backward_ratio,
    block_gain,
    points_apart,
    trained,
)
from common.in_korean import korean_table
from common.lesions import apart, attention_only, lesions, without_attention_skips
from common.minilm import MiniLM, load_minilm
from common.position_tests import leak
from common.transformer.layer_norm import layer_norm, layer_norm_jacobian
from common.transformer.residual import Block, Placement
from matplotlib.axes import Axes
from matplotlib.ticker import NullFormatter
from torch import Tensor, nn

from generator.compute.script import Run

DEPTHS = (1, 2, 4, 8, 16, 32, 64)  # of untrained stacks
TRAINED = (2, 4, 8, 20, 32)
RATES = (0.001, 0.004)
SEEDS, STEPS = 5, 150
NAMES: dict[Wiring, str] = {
    "plain": "$F(x)$",
    "plain-norm": "$N(F(x))$",
    "skip": "$x+F(x)$",
    "post": "$N(x+F(x))$",
    "pre": "$x+F(N(x))$",
}
MARKS = dict(zip(WIRINGS, "sx^Do", strict=True))
SMALLEST = 1e-12  # of the vertical axis of the gradients
TRANSFORMER = 24  # blocks of the untrained Transformer


def compute(run: Run) -> None:
    """Every number, table and figure of the report, section by section."""
    diagram(run)
    by_hand(run)
    degradation(run)
    gradients(run)
    norms(run)
    minilm = load_minilm(
        run.model("minilm-weights"), run.model("minilm-tokenizer"), run.model("minilm-config")
    )
    sentences = run.file("reports/week-09-1/data/sentences.txt").read_text(encoding="utf-8")
    collapse(run, minilm, sentences.splitlines()[:12])
    stream(run, run.model("smollm2"), run.file("data/text.txt").read_text(encoding="utf-8"))


def fresh_source() -> torch.Generator:
    """A generator at the study's seed: no experiment depends on what ran before it."""
    return torch.Generator().manual_seed(torch.initial_seed())


def diagram(run: Run) -> None:
    """The block after the first Transformer (above) and with the norms inside (below)."""
    figure = run.new_figure(50)
    for axes, placement, title in zip(
        figure.subplots(2, 1), ("post", "pre"), ("(a)", "(b)"), strict=True
    ):
        draw(axes, "post" if placement == "post" else "pre", 148)
        axes.set_title(title, fontsize=8.5, pad=0)
    run.figure("blocks", figure)


def by_hand(run: Run) -> None:
    """Three layers of slope 0.1 with and without the skip, and the numbers of the solutions."""
    slope = 0.1
    run.value("hand_slope", slope, digits=1)
    run.value("hand_plain", slope**3, digits=3)
    run.value("hand_skip", (1 + slope) ** 3, digits=2)
    run.value("hand_deep", (1 + slope) ** 20, digits=1)
    run.value("small_64", (1 + 1 / 64) ** 32, digits=2)
    run.value("small_limit", math.exp(0.5), digits=2)
    row = torch.tensor([1.0, 2.0, 3.0, 6.0], dtype=torch.float64)
    hat = layer_norm(row, epsilon=0.0)
    run.string("lost_row", ", ".join(f"{x:.2f}".replace("-", "−") for x in hat.tolist()))
    jacobian = layer_norm_jacobian(row, 0.0)
    left = max((jacobian @ each).abs().max().item() for each in (torch.ones_like(row), hat))
    run.value("lost_power", math.ceil(math.log10(left)) if left else -16)


# ---------------------------------------------------------------- does it train?


def trained_stack(depth: int, wiring: Wiring) -> Trained:
    """`trained` with this report's settings, kept by content."""
    return trained(depth, wiring, USUAL, RATES, SEEDS, STEPS)


def degradation(run: Run) -> None:
    """Training and test loss against depth for the five wirings, at the better of two rates."""
    figure = run.new_figure(56)
    left, right = figure.subplots(1, 2, sharey=True)
    rows = []
    for line, wiring in enumerate(WIRINGS):
        losses: list[float] = []
        others: list[float] = []
        shown: dict[int, str] = {}
        for depth in TRAINED:
            found = run.memo(trained_stack, depth, wiring)
            means = found.training.mean(dim=1)
            best = int(means.argmin())
            losses.append(means[best].item())
            others.append(found.test.mean(dim=1)[best].item())
            ends = found.training[best].tolist()
            shown[depth] = f"{short(losses[-1])} ({short(min(ends))} to {short(max(ends))})"
        start = found.gradient.mean().item()
        rows.append((NAMES[wiring], *(shown[depth] for depth in (4, 20, 32)), start))
        apart_32 = points_apart(32, wiring, USUAL, SEEDS)
        key = wiring.replace("-", "_")
        run.value(f"points_{key}", 100 * sum(apart_32) / SEEDS, digits=0, unit="%", runs=SEEDS)
        style = {"color": f"C{line}", "markersize": 4}
        left.plot(TRAINED, losses, f"{MARKS[wiring]}-", **style)
        right.plot(TRAINED, others, f"{MARKS[wiring]}-", label=NAMES[wiring], **style)
    for axes in (left, right):
        axes.axhline(math.log(2), color="0.5", linestyle=":")
        axes.set_xscale("log", base=2)
        axes.set_xticks(TRAINED, [str(depth) for depth in TRAINED])
        axes.set_yscale("log")
        axes.set_xlabel("$L$")
    left.set_ylabel("training loss")
    right.set_ylabel("test loss")
    figure.legend(*right.get_legend_handles_labels(), loc="outside upper center", ncols=5)
    run.figure("degradation", figure)
    run.table(
        "depths",
        ("layer", "$L = 4$", "$L = 20$", "$L = 32$", "gradient at the start"),
        rows,
        digits=[None, None, None, None, 2],
        runs=SEEDS,
    )
    cells = [str(cell) for row in rows for cell in row[1:4]]
    words = {cell: cell.replace(" to ", " ~ ") for cell in cells}
    columns = ("층", "$L = 4$", "$L = 20$", "$L = 32$", "처음의 기울기")
    korean_table(run, "depths", columns, rows, words, [None, None, None, None, 2], SEEDS)
    run.value("steps", STEPS)
    run.value("seeds", SEEDS)
    run.value("guess", math.log(2), digits=3)


def short(loss: float) -> str:
    """A loss with three decimals, or that it is smaller."""
    return f"{loss:.3f}" if loss >= 0.0005 else "< 0.001"


# ---------------------------------------------------------------- gradients at the start


def expected_ratio(wiring: Wiring, depth: int, gains: Gains) -> float:
    """The closed form of `backward_ratio`: c^(L/2), (1 + c)^(L/2), √(1 + cL), or 1."""
    c = block_gain(gains)
    if wiring == "plain":
        return math.pow(c, depth / 2)
    if wiring == "skip":
        return math.pow(1 + c, depth / 2)
    if wiring == "pre":
        return math.sqrt(1 + c * depth)
    return 1.0


def gradients(run: Run) -> None:
    """What comes back through untrained stacks, for two starts; and to each Transformer block."""
    figure = run.new_figure(58)
    panels = figure.subplots(1, 3, width_ratios=[1, 1, 1])
    wirings: tuple[Wiring, ...] = ("plain", "skip", "post", "pre")
    lines = []
    for axes, (name, gains) in zip(panels, (("usual", USUAL), ("keeping", KEEPING)), strict=False):
        for wiring in wirings:
            ratios = [backward_ratio(depth, wiring, gains) for depth in DEPTHS]
            for depth in (2, 8, 32, 64):
                ratio = ratios[DEPTHS.index(depth)]
                run.value(f"back_{name}_{wiring}_{depth}", ratio, digits=2)
            colour = f"C{WIRINGS.index(wiring)}"
            expected = [expected_ratio(wiring, depth, gains) for depth in DEPTHS]
            axes.plot(DEPTHS, expected, color=colour, linewidth=0.8, alpha=0.6)
            shown = [ratio if ratio >= SMALLEST else math.nan for ratio in ratios]
            (marks,) = axes.plot(DEPTHS, shown, MARKS[wiring], color=colour, label=NAMES[wiring])
            lines.append(marks)
        axes.set_xscale("log", base=2)
        axes.set_xticks(DEPTHS[::2], [str(depth) for depth in DEPTHS[::2]])
        axes.set_yscale("log")
        axes.set_ylim(SMALLEST, 1e11)
        axes.set_title("(a) $c = 1/18$" if name == "usual" else "(b) $c = 1$")
        axes.set_xlabel("$L$")
    panels[0].set_ylabel("$|\\partial\\ell/\\partial x_0|\\,/\\,|\\partial\\ell/\\partial x_L|$")
    by_block(run, panels[2])
    figure.legend(handles=lines[: len(wirings)], loc="outside upper center", ncols=4)
    run.figure("gradients", figure)


def block_gradients(placement: Placement, seed: int) -> tuple[list[float], list[float]]:
    """|∂ℓ/∂W₂| of each block of an untrained Transformer, and the length of its stream.

    TRANSFORMER blocks of width 64 with four heads, Xavier's weights; 4 texts of 16 random tokens;
    cross-entropy with one of 50 random labels a token.
    """
    source = torch.Generator().manual_seed(seed)
    width, labels = 64, 50
    blocks = [Block(width, 4, 4 * width, placement=placement) for _ in range(TRANSFORMER)]
    for block in blocks:
        for part in block.modules():
            if isinstance(part, nn.Linear):
                spread = math.sqrt(2 / (part.in_features + part.out_features))
                with torch.no_grad():
                    part.weight.copy_(torch.randn(part.weight.shape, generator=source) * spread)
                    part.bias.zero_()
    x = torch.randn(4, 16, width, generator=source)
    readout = torch.randn(width, labels, generator=source) / math.sqrt(width)
    label = torch.randint(labels, (64,), generator=source)
    lengths = []
    for block in blocks:
        x = block(x)
        lengths.append(x.norm(dim=-1).mean().item())
    out = layer_norm(x) if placement == "pre" else x
    loss = nn.functional.cross_entropy((out @ readout).flatten(end_dim=1), label)
    found = torch.autograd.grad(loss, [block.feed_forward.contract.weight for block in blocks])
    return [gradient.norm().item() for gradient in found], lengths


def by_block(run: Run, axes: Axes) -> None:
    """The gradients of each block for both placements."""
    sides: tuple[Literal["post", "pre"], ...] = ("post", "pre")
    for placement in sides:
        runs = [block_gradients(placement, seed) for seed in range(SEEDS)]
        found, _ = (
            [sum(column) / SEEDS for column in zip(*rows, strict=True)]
            for rows in zip(*runs, strict=True)
        )
        axes.plot(
            range(1, TRANSFORMER + 1),
            found,
            f"{MARKS[placement]}-",
            color=f"C{WIRINGS.index(placement)}",
            markersize=3,
        )
        run.value(f"block_first_{placement}", found[0], digits=2, runs=SEEDS)
        run.value(f"block_last_{placement}", found[-1], digits=2, runs=SEEDS)
    axes.set_title("(c)")
    axes.set_yscale("log")
    axes.set_ylim(0.1, 4)
    axes.set_xticks([1, 8, 16, 24])
    axes.set_yticks([0.1, 1], ["0.1", "1"])
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.set_xlabel("$l$")
    axes.set_ylabel("$|\\partial\\ell/\\partial W_2|$")
    run.value("transformer", TRANSFORMER)


# ---------------------------------------------------------------- the norm


def norms(run: Run) -> None:
    """What ε does to rows of small spread, and over which numbers the mean is taken."""
    shape = torch.tensor([-1.5, -0.5, 0.5, 1.5], dtype=torch.float64)
    shape = shape / shape.std(correction=0)
    rows: list[list[str | float]] = []
    for power in (0, -2, -3, -4):
        x = 5 + shape * 10.0**power
        spreads = [
            layer_norm(x, epsilon=epsilon).std(correction=0).item() for epsilon in (1e-5, 1e-12)
        ]
        rows.append([f"{10.0**power:g}", *spreads])
    rows.append(["0", *(layer_norm(x * 0 + 5, epsilon=e).norm().item() for e in (1e-5, 1e-12))])
    run.table(
        "epsilon",
        ["spread of the row", "$\\varepsilon = 10^{-5}$", "$\\varepsilon = 10^{-12}$"],
        rows,
        digits=3,
    )
    columns = ["행의 퍼진 정도", "$\\varepsilon = 10^{-5}$", "$\\varepsilon = 10^{-12}$"]
    korean_table(run, "epsilon", columns, rows, digits=3)
    x = torch.randn(9, 16, generator=fresh_source(), dtype=torch.float64)
    run.value("leak_layer", leak(layer_norm, x), digits=0)
    run.value("leak_batch", leak(over_tokens, x), digits=2)


def over_tokens(x: Tensor) -> Tensor:
    """Each feature brought to mean 0 and variance 1 over the tokens, as batch norm would."""
    return layer_norm(x.T).T


# ---------------------------------------------------------------- tokens that become one


def collapse(run: Run, model: MiniLM, sentences: list[str]) -> None:
    """How far apart the tokens are, layer by layer, with and without the skip connection."""
    x = torch.randn(32, 64, generator=fresh_source(), dtype=torch.float64)
    plain = attention_only(x, 12, fresh_source(), skip=False)
    skipped = attention_only(x, 12, fresh_source(), skip=True)
    for layer in (1, 2, 3, 4):
        run.value(f"apart_{layer}", plain[layer], digits=3 if layer < 4 else 7)
    run.value("apart_skip_12", skipped[-1], digits=2)
    near = []
    for size in (1e-2, 1e-3):
        source = fresh_source()
        middle = torch.randn(1, 64, generator=source, dtype=torch.float64)
        cloud = middle + size * torch.randn(32, 64, generator=source, dtype=torch.float64)
        near.append(attention_only(cloud, 1, source, skip=False))
    slope = math.log(near[0][1] / near[1][1]) / math.log(near[0][0] / near[1][0])
    run.value("near_slope", slope, digits=3)

    blocks = bert_blocks(model.encoder)
    states = batch(model, sentences)
    whole = [[apart(text) for text in states]]
    for block in blocks:
        states = block(states)
        whole.append([apart(text) for text in states])
    cut = [
        [apart(state) for state in without_attention_skips(blocks, text)]
        for text in batch(model, sentences)
    ]
    with_skips = [sum(row) / len(row) for row in whole]
    without = [sum(column) / len(column) for column in zip(*cut, strict=True)]
    run.value("minilm_cut_end", without[-1])

    figure = run.new_figure(50)
    left, right = figure.subplots(1, 2, sharey=True)
    left.plot(range(13), [max(r, 1e-8) for r in plain], "s-", label="$A(x)$")
    left.plot(range(13), skipped, "^-", color="C2", label="$x+A(x)$")
    right.plot(range(7), without, "s-", label="$N(A(x))$")
    right.plot(range(7), with_skips, "D-", color="C3", label="$N(x+A(x))$")
    for axes in (left, right):
        axes.set_yscale("log")
        axes.set_ylim(1e-8, 2)
        axes.set_xlabel("$l$")
        axes.legend(loc="lower left")
    left.set_ylabel("$|X - \\bar{x}|\\,/\\,|X|$")
    left.set_title("(a)")
    right.set_title("(b)")
    run.figure("collapse", figure)


# ---------------------------------------------------------------- the stream of a real model


def stream(run: Run, path: Path, text: str) -> None:
    """What SmolLM2 loses without a branch or without a skip, and how its stream grows."""
    found = run.memo(lesions, path, text.strip())
    layers = range(len(found.block))
    run.value("tokens", found.tokens)
    run.value("whole", found.whole, digits=2)
    for name, lost in (
        ("attention", found.attention),
        ("ffn", found.feed_forward),
        ("block", found.block),
        ("skip", found.skip),
    ):
        middle = sorted(lost)[len(lost) // 2]
        run.value(f"lost_{name}", middle, digits=2 if middle < 1 else 1)
        run.value(f"lost_{name}_0", lost[0], digits=2)
    run.value("guessing", math.log2(49152), digits=1)
    run.value("stream_0", found.stream[0], digits=1)
    run.value("first_largest", max(found.first), digits=0)
    run.value("first_layer", found.first.index(max(found.first)) - 1)
    run.value("step_ffn_0", found.feed_forward_step[0], digits=0)

    figure = run.new_figure(56)
    left, right = figure.subplots(1, 2)
    for name, lost, mark, line in (
        ("$x$ removed", found.skip, "s", 0),
        ("$A, F$ removed", found.block, "o", 4),
    ):
        left.plot(
            layers, [max(bits, 0.01) for bits in lost], f"{mark}-", color=f"C{line}", label=name
        )
    left.set_yscale("log")
    left.set_ylim(0.002, 60)
    left.set_yticks([0.01, 0.1, 1, 10], ["0.01", "0.1", "1", "10"])
    left.set_xlabel("$l$")
    left.set_ylabel("bits lost a token")
    left.legend(loc="lower center", ncols=2)
    right.plot(range(len(found.stream)), found.stream, "D-", color="C3", label="$|x_l|$")
    right.plot(layers, found.attention_step, "x-", color="C1", markersize=3, label="$|A|$")
    right.plot(layers, found.feed_forward_step, "^-", color="C2", markersize=3, label="$|F|$")
    right.plot(range(len(found.first)), found.first, ":", color="0.4", label="$|x_l|$, first")
    right.set_yscale("log")
    right.set_xlabel("$l$")
    right.set_ylim(0.3, 5e4)
    right.legend(loc="lower right", ncols=2)
    run.figure("stream", figure)
