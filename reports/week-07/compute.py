"""Week 7: what dividing by √d_k does to the scores, the weights, the gradient and learning."""

import math

import torch
from common.comparison import paired_interval
from common.dot_products import (
    entropy,
    normals,
    pair_scores,
    row_scores,
    softmax_jacobian,
    solved,
    variance_error,
)
from common.transformer.attention import attention, causal_mask, padding_mask, softmax
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.ticker import NullFormatter
from torch import Tensor, nn

from generator.compute.script import Run

WIDTHS = (4, 8, 16, 32, 64, 128, 256, 512, 1024)
PAIRS = 10_000  # query–key pairs for each width in the measurement of the variance
ROWS = 300  # rows of attention for each width
KEYS = 64  # keys in each row
CHOSEN_ON, JUDGED_ON = 100, 400  # tasks that choose a learning rate, and tasks that judge it
PLAIN, SCALED = "$q\\cdot k$", "$q\\cdot k\\,/\\sqrt{d_k}$"


def compute(run: Run) -> None:
    """Every number, table and figure of the report, section by section."""
    worked_example(run)
    idea(run)
    variance(run)
    fresh_layers(run)
    scores = saturation(run)
    number_of_keys(run)
    learning(run)
    floating_point(run, scores)
    masks(run)


def fresh_source() -> torch.Generator:
    """A generator at the study's seed: no experiment depends on what ran before it."""
    return torch.Generator().manual_seed(torch.initial_seed())


# ---------------------------------------------------------------- one query, two keys


def two_keys() -> tuple[Tensor, Tensor, Tensor]:
    """One query, its two keys and their values."""
    query = torch.tensor([[1.0, 0.0]], dtype=torch.float64)
    keys = torch.tensor([[1.0, 0.0], [0.0, 1.0]], dtype=torch.float64)
    values = torch.tensor([[10.0, 0.0], [0.0, 10.0]], dtype=torch.float64)
    return query, keys, values


def worked_example(run: Run) -> None:
    """One query with two keys, step by step, and the exercise with three."""
    query, keys, values = two_keys()
    output, weights = attention(query, keys, values)
    scaled = (query @ keys.T)[0] / math.sqrt(2)
    run.value("worked_score", scaled[0].item(), digits=4)
    run.value("worked_power", (scaled[1] - scaled[0]).exp().item(), digits=4)
    run.value("worked_high", weights[0, 0].item(), digits=4)
    run.value("worked_low", weights[0, 1].item(), digits=4)
    run.value("worked_out_first", output[0, 0].item(), digits=3)
    run.value("worked_out_second", output[0, 1].item(), digits=3)
    _, unscaled = attention(query, keys, values, scale=1.0)
    run.value("worked_unscaled", unscaled[0, 0].item(), digits=4)
    query = torch.tensor([[2.0, 0.0]], dtype=torch.float64)
    keys = torch.tensor([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]], dtype=torch.float64)
    scores = (query @ keys.T)[0] / math.sqrt(2)
    _, weights = attention(query, keys, keys)
    for i in range(3):
        run.value(f"three_score_{i}", scores[i].item(), digits=3)
        run.value(f"three_weight_{i}", weights[0, i].item(), digits=3)
    run.value("heads_scale", math.sqrt(512 // 8), digits=0)
    run.value("heads_wrong", math.sqrt(512), digits=1)


def idea(run: Run) -> None:
    """The weights of one query over eight keys at two widths, with and without the scale."""
    source = fresh_source()
    figure = run.new_figure(38)
    panels = figure.subplots(1, 2, sharey=True)
    for axes, width in zip(panels, (4, 256), strict=True):
        scores = row_scores(width, 1, 8, source)[0]
        for line, (name, factor) in enumerate(((PLAIN, 1.0), (SCALED, 1 / math.sqrt(width)))):
            places = [j + 1 + (line - 0.5) * 0.4 for j in range(8)]
            axes.bar(places, softmax(scores * factor), width=0.4, color=f"C{line}", label=name)
        axes.set_title(f"$d_k = {width}$")
        axes.set_xlabel("$j$")
        axes.set_xticks(range(1, 9))
        axes.grid(axis="x", visible=False)
    panels[0].set_ylabel("$p_j$")
    panels[0].legend(loc="upper left")
    run.figure("idea", figure)


# ---------------------------------------------------------------- the spread of a score


def variance(run: Run) -> None:
    """Var(q·k) at every width, for normal and for uniform components."""
    source = fresh_source()
    measured = [pair_scores(width, PAIRS, source).var().item() for width in WIDTHS]
    errors = [variance_error(width, PAIRS) for width in WIDTHS]
    run.value("variance_64", measured[WIDTHS.index(64)], digits=1, error=variance_error(64, PAIRS))
    run.value("pairs", PAIRS)

    # Components that are uniform on [−√3, √3] have variance 1 too: only that should matter.
    uniform = (torch.rand(2, PAIRS, 64, generator=source, dtype=torch.float64) * 2 - 1) * 3**0.5
    run.value("variance_uniform", (uniform[0] * uniform[1]).sum(dim=1).var().item(), digits=1)

    # Components with correlation ρ between q and k: the mean of q·k is ρ d_k.
    rho = 0.25
    queries, noise = normals(2, PAIRS, 64, source=source)
    keys = rho * queries + math.sqrt(1 - rho**2) * noise
    run.value("rho", rho, digits=2)
    run.value("aligned_mean", (queries * keys).sum(dim=1).mean().item() / 8, digits=2)

    figure = run.new_figure(47)
    left, right = figure.subplots(1, 2)
    left.plot(WIDTHS, WIDTHS, color="0.6", zorder=1)
    left.plot(WIDTHS, measured, "o", markersize=4)
    left.set_yscale("log", base=2)
    left.set_yticks(WIDTHS[::2], [str(width) for width in WIDTHS[::2]])
    left.set_ylabel("$\\mathrm{Var}(q\\cdot k)$")
    right.axhline(1, color="0.6", zorder=1)
    ratios = [found / width for width, found in zip(WIDTHS, measured, strict=True)]
    bars = [3 * error / width for width, error in zip(WIDTHS, errors, strict=True)]
    right.errorbar(WIDTHS, ratios, yerr=bars, fmt="o", markersize=4, capsize=2)
    right.set_ylabel("$\\mathrm{Var}(q\\cdot k)\\,/\\,d_k$")
    for axes in (left, right):
        label_widths(axes)
    run.figure("variance", figure)


def fresh_layers(run: Run) -> None:
    """Variance of the components of q for inputs of variance 1, as torch initialises its layers.

    Weights are uniform up to 1/√d in Linear, variance 1/(3 d), and up to √(6 / 4d) in the
    (3 d, d) matrix of MultiheadAttention, variance 1/(2 d): 1/3 (and a small bias), and 1/2.
    """
    width, source = 512, fresh_source()
    inputs = torch.randn(2000, width, generator=source)
    with torch.no_grad():
        plain = nn.Linear(width, width)(inputs)
        matrix = nn.MultiheadAttention(width, 8).in_proj_weight[:width]
        run.value("fresh_linear", plain.var().item(), digits=2)
        run.value("fresh_multihead", (inputs @ matrix.T).var().item(), digits=2)


def label_widths(axes: Axes) -> None:
    """The widths as a logarithmic axis, every second one labelled."""
    axes.set_xscale("log", base=2)
    axes.set_xticks(WIDTHS[::2], [str(width) for width in WIDTHS[::2]])
    axes.set_xlabel("$d_k$")


# ---------------------------------------------------------------- entropy and gradient


def quantiles(values: Tensor, *shares: float) -> list[float]:
    """The values below which the given shares of `values` lie."""
    found: list[float] = values.quantile(torch.tensor(shares, dtype=values.dtype)).tolist()
    return found


def jacobian_values(run: Run, key: str, norm: Tensor) -> tuple[float, float]:
    """Mean, and median with its interval, of the norms of all rows."""
    run.value(f"norm_mean_{key}", norm.mean().item(), digits=3)
    # The true median lies between these order statistics in 95 % of all draws.
    reach = 1.96 * 0.5 / math.sqrt(len(norm))
    low, middle, high = quantiles(norm, 0.5 - reach, 0.5, 0.5 + reach)
    run.value(f"norm_median_{key}", middle, digits=5)
    run.value(f"norm_median_from_{key}", low, digits=5)
    run.value(f"norm_median_to_{key}", high, digits=5)
    return low, high


def saturation(run: Run) -> Tensor:
    """Entropy, largest weight and Jacobian norm of rows with and without the scale.

    Returns the scores at the largest width: (ROWS, KEYS), unscaled.
    """
    source = fresh_source()
    entropies: dict[str, list[float]] = {PLAIN: [], SCALED: []}
    norms: dict[str, list[list[float]]] = {PLAIN: [], SCALED: []}
    profiles = {}
    reach = (0.0, 0.0)
    for width in WIDTHS:
        scores = row_scores(width, ROWS, KEYS, source)
        for name, factor in ((PLAIN, 1.0), (SCALED, 1 / math.sqrt(width))):
            weights = softmax(scores * factor)
            norm = softmax_jacobian(weights).norm(dim=(-2, -1))
            entropies[name].append(entropy(weights).mean().item() / math.log(KEYS))
            norms[name].append(quantiles(norm, 0.1, 0.5, 0.9))
            profiles[name, width] = weights.sort(dim=-1, descending=True).values.mean(dim=0)
            if width == WIDTHS[-1]:
                found = jacobian_values(run, "plain" if name == PLAIN else "scaled", norm)
                reach = found if name == PLAIN else reach
    for width in (64, 1024):
        for name, key in ((PLAIN, "plain"), (SCALED, "scaled")):
            run.value(f"largest_{width}_{key}", profiles[name, width][0].item(), digits=2)
    run.value("keys", KEYS)
    run.value("rows", ROWS)
    ratio = norms[SCALED][-1][1] / norms[PLAIN][-1][1]
    run.value("norm_ratio_query", ratio / math.sqrt(WIDTHS[-1]), digits=0)
    middle = norms[SCALED][-1][1] / math.sqrt(WIDTHS[-1])
    run.value("norm_ratio_from", middle / reach[1], digits=0)
    run.value("norm_ratio_to", middle / reach[0], digits=0)
    run.value("entropy_expected", 1 - 1 / (2 * math.log(KEYS)), digits=3)
    run.value("entropy_scaled", entropies[SCALED][-1], digits=3)
    run.value("entropy_plain", entropies[PLAIN][-1], digits=3)
    draw_saturation(run, profiles, entropies, norms)
    return scores


def draw_saturation(
    run: Run,
    profiles: dict[tuple[str, int], Tensor],
    entropies: dict[str, list[float]],
    norms: dict[str, list[list[float]]],
) -> None:
    """Mean weights by rank at one width; entropy and Jacobian norm against the width."""
    figure = run.new_figure(52)
    ranked, left, right = figure.subplots(1, 3)
    ranks, width = range(1, 17), 64
    for line, (name, mark) in enumerate(((PLAIN, "s"), (SCALED, "o"))):
        profile = profiles[name, width][: len(ranks)]
        ranked.plot(ranks, profile, f"{mark}-", color=f"C{line}", markersize=3)
        left.plot(WIDTHS, entropies[name], f"{mark}-", color=f"C{line}", markersize=4, label=name)
        low, middle, high = zip(*norms[name], strict=True)
        right.plot(WIDTHS, middle, f"{mark}-", color=f"C{line}", markersize=4)
        floor = [max(value, 1e-7) for value in low]
        right.fill_between(WIDTHS, floor, high, color=f"C{line}", alpha=0.2, linewidth=0)
    left.axhline(1 - 1 / (2 * math.log(KEYS)), color="0.5", linestyle=":")
    left.set_ylim(0, 1)
    left.set_ylabel("$H(p)\\,/\\,\\ln n$")
    left.legend(loc="center right")
    ranked.set_title(f"$d_k = {width}$")
    ranked.set_ylim(0, 1)
    ranked.set_xticks([1, 4, 8, 12, 16])
    ranked.set_xlabel("$r$")
    ranked.set_ylabel("$\\overline{p}_{(r)}$")
    right.set_yscale("log")
    right.set_ylim(1e-7, 1)
    right.set_ylabel("$\\|\\mathrm{diag}(p)-pp^{\\top}\\|_F$")
    for axes in (left, right):
        label_widths(axes)
    run.figure("saturation", figure)


def number_of_keys(run: Run) -> None:
    """What shrinks the weights is the number of keys, not the width."""
    source = fresh_source()
    for keys, width in ((2, 16), (512, 16), (512, 256)):
        weights = softmax(row_scores(width, 100, keys, source) / math.sqrt(width))
        run.value(f"top_{keys}_{width}", weights.amax(dim=-1).mean().item(), digits=3)


# ---------------------------------------------------------------- does it learn?


def learned_share(width: int, scale: float, rate: float) -> float:
    """Share of the first hundred tasks that are solved."""
    return solved(width, scale, rate, CHOSEN_ON, fresh_source()).float().mean().item()


def learning(run: Run) -> None:
    """Solved share against the learning rate; the best rates judged on tasks of their own."""
    rates = [10 ** (power / 2) for power in range(-4, 5)]
    figure = run.new_figure(47)
    panels = figure.subplots(1, 2, sharey=True)
    for axes, width in zip(panels, (16, 256), strict=True):
        judged = {}
        for line, (name, scale) in enumerate(((PLAIN, 1.0), (SCALED, 1 / math.sqrt(width)))):
            shares = [learned_share(width, scale, rate) for rate in rates]
            mark = "so"[line]
            axes.plot(rates, shares, f"{mark}-", color=f"C{line}", markersize=4, label=name)
            best = rates[shares.index(max(shares))]
            other = torch.Generator().manual_seed(torch.initial_seed() + 1)
            key = "plain" if name == PLAIN else "scaled"
            judged[key] = solved(width, scale, best, JUDGED_ON, other).double()
            share = 100 * judged[key].mean().item()
            run.value(f"best_{key}_{width}", share, digits=1, unit="%", runs=JUDGED_ON)
        # The same tasks with and without the scale.
        low, high = paired_interval((judged["scaled"] - judged["plain"]).tolist())
        run.value(f"gain_from_{width}", 100 * low, digits=0, runs=JUDGED_ON)
        run.value(f"gain_to_{width}", 100 * high, digits=0, runs=JUDGED_ON)
        axes.set_xscale("log")
        axes.xaxis.set_minor_formatter(NullFormatter())
        axes.set_ylim(0, 1.04)
        axes.set_title(f"$d_k = {width}$")
        axes.set_xlabel("$\\eta$")
    panels[1].legend(loc="center right")
    run.figure("learning", figure)
    run.value("chosen_on", CHOSEN_ON)
    run.value("judged_on", JUDGED_ON)


# ---------------------------------------------------------------- numbers that a machine has


def naive_softmax(scores: Tensor) -> Tensor:
    """The formula as it is written in books, without care for overflow."""
    return scores.exp() / scores.exp().sum(dim=-1, keepdim=True)


def floating_point(run: Run, scores: Tensor) -> None:
    """Overflow of the plain formula and underflow of the careful one, by number format."""
    for name, dtype in (
        ("float16", torch.float16),
        ("bfloat16", torch.bfloat16),
        ("float32", torch.float32),
        ("float64", torch.float64),
    ):
        plain = scores.to(dtype)
        broken = ~naive_softmax(plain).isfinite().all(dim=-1)
        parts = (
            broken,
            softmax(plain) == 0,
            softmax((scores / math.sqrt(WIDTHS[-1])).to(dtype)) == 0,
        )
        lost, zero, scaled_zero = (100 * part.double().mean().item() for part in parts)
        run.value(f"overflow_{name}", math.log(torch.finfo(dtype).max), digits=2)
        run.value(f"lost_{name}", lost, digits=1)
        run.value(f"zero_{name}", zero, digits=1)
        run.value(f"scaled_zero_{name}", scaled_zero, digits=1)
        if dtype == torch.float32:
            run.value("lost_share_float32", lost, digits=1, unit="%")


# ---------------------------------------------------------------- masks


def masks(run: Run) -> None:
    """Weights of six tokens without a mask, with a causal one, and with padding; leaks."""
    source = fresh_source()
    tokens, width = 6, 16
    queries, keys, values = normals(3, tokens, width, source=source)
    changed_keys, changed_values = keys.clone(), values.clone()
    changed_keys[-1] += 1
    changed_values[-1] += 1
    causal = causal_mask(tokens)

    def zeroed(keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        """The wrong order: softmax over everything, then zeros above the diagonal."""
        weights = attention(queries, keys, values)[1] * causal
        return weights @ values, weights

    def unmasked(keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        return attention(queries, keys, values)

    def masked(keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        return attention(queries, keys, values, causal)

    for name, way in (("unmasked", unmasked), ("zeroed", zeroed), ("masked", masked)):
        before, weights = way(keys, values)
        after, _ = way(changed_keys, changed_values)
        leak = (after - before)[:-1].norm(dim=-1).max().item()
        run.value(f"leak_{name}", leak, digits=3)
        if name == "zeroed":
            run.value("row_sum_first", weights[0].sum().item(), digits=3)

    everything = torch.ones(tokens, tokens, dtype=torch.bool)
    padded = causal & padding_mask(torch.tensor([4]), tokens)[0]
    shown = [
        (seen, attention(queries, keys, values, seen)[1]) for seen in (everything, causal, padded)
    ]
    colours = colormaps["Blues"].with_extremes(bad="0.85")  # grey is hidden, not merely small
    figure = run.new_figure(42)
    panels = figure.subplots(1, 3, sharey=True)
    for axes, title, (seen, weights) in zip(panels, ("(a)", "(b)", "(c)"), shown, strict=True):
        image = axes.imshow(weights.where(seen, math.nan), vmin=0, vmax=1, cmap=colours)
        axes.grid(visible=False)
        axes.set_title(title)
        axes.set_xlabel("$j$")
        axes.set_xticks(range(tokens), [str(i + 1) for i in range(tokens)])
        axes.set_yticks(range(tokens), [str(i + 1) for i in range(tokens)])
    panels[0].set_ylabel("$i$")
    figure.colorbar(image, ax=list(panels), label="$p_{ij}$", shrink=0.9)
    run.figure("masks", figure)
