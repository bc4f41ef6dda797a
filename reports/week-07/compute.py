"""Week 7: what dividing by √d_k does to the scores, the weights, the gradient and learning."""

import math

import torch
from common.transformer.attention import attention, causal_mask, padding_mask, softmax
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.ticker import NullFormatter
from torch import Tensor

from generator.compute.script import Run

WIDTHS = (4, 8, 16, 32, 64, 128, 256, 512, 1024)
PAIRS = 10_000  # query–key pairs for each width in the measurement of the variance
ROWS = 300  # rows of attention for each width
KEYS = 64  # keys in each row
PLAIN, SCALED = "$q\\cdot k$", "$q\\cdot k\\,/\\sqrt{d_k}$"


def compute(run: Run) -> None:
    """Every number, table and figure of the report, section by section."""
    worked_example(run)
    variance(run)
    scores = saturation(run)
    number_of_keys(run)
    learning(run)
    floating_point(run, scores)
    masks(run)


def fresh_source() -> torch.Generator:
    """A generator at the study's seed: no experiment depends on what ran before it."""
    return torch.Generator().manual_seed(torch.initial_seed())


def normals(*shape: int, source: torch.Generator) -> Tensor:
    """Independent draws from N(0, 1), float64."""
    return torch.randn(*shape, generator=source, dtype=torch.float64)


# ---------------------------------------------------------------- one query, two keys


def two_keys() -> tuple[Tensor, Tensor, Tensor]:
    """One query, its two keys and their values."""
    query = torch.tensor([[1.0, 0.0]], dtype=torch.float64)
    keys = torch.tensor([[1.0, 0.0], [0.0, 1.0]], dtype=torch.float64)
    values = torch.tensor([[10.0, 0.0], [0.0, 10.0]], dtype=torch.float64)
    return query, keys, values


def worked_example(run: Run) -> None:
    """The example of the group's report, step by step."""
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


# ---------------------------------------------------------------- the spread of a score


def pair_scores(width: int, pairs: int, source: torch.Generator) -> Tensor:
    """q·k of `pairs` independent pairs of N(0, I) vectors of `width` numbers: (pairs,)."""
    parts = []
    for start in range(0, pairs, 2000):  # 2000 × 1024 doubles at a time: 16 MB
        count = min(2000, pairs - start)
        queries = normals(count, width, source=source)
        parts.append((queries * normals(count, width, source=source)).sum(dim=1))
    return torch.cat(parts)


def variance_error(width: int, pairs: int) -> float:
    """Standard error of the sample variance of q·k, whose excess kurtosis is 6 / width."""
    return width * math.sqrt(2 / (pairs - 1) + 6 / (width * pairs))


def slope(x: list[float], y: list[float]) -> float:
    """Least-squares slope of ln y against ln x."""
    a = torch.tensor(x, dtype=torch.float64).log()
    b = torch.tensor(y, dtype=torch.float64).log()
    a = a - a.mean()
    return float((a @ (b - b.mean())) / (a @ a))


def variance(run: Run) -> None:
    """Var(q·k) at every width, for normal and for uniform components."""
    source = fresh_source()
    measured = [pair_scores(width, PAIRS, source).var().item() for width in WIDTHS]
    errors = [variance_error(width, PAIRS) for width in WIDTHS]
    run.value("variance_slope", slope([float(w) for w in WIDTHS], measured), digits=3)
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
    run.value("aligned_expected", rho * 8, digits=2)

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


def label_widths(axes: Axes) -> None:
    """The widths as a logarithmic axis, every second one labelled."""
    axes.set_xscale("log", base=2)
    axes.set_xticks(WIDTHS[::2], [str(width) for width in WIDTHS[::2]])
    axes.set_xlabel("$d_k$")


# ---------------------------------------------------------------- entropy and gradient


def row_scores(width: int, rows: int, keys: int, source: torch.Generator) -> Tensor:
    """(rows, keys): each row is one query's dot products with keys of its own, unscaled."""
    parts = []
    for start in range(0, rows, 50):
        count = min(50, rows - start)
        queries = normals(count, width, 1, source=source)
        parts.append((normals(count, keys, width, source=source) @ queries)[..., 0])
    return torch.cat(parts)


def entropy(weights: Tensor) -> Tensor:
    """−Σ p ln p over the last axis, in nats."""
    return -(weights * weights.clamp(min=torch.finfo(weights.dtype).tiny).log()).sum(dim=-1)


def softmax_jacobian(weights: Tensor) -> Tensor:
    """∂p/∂s = diag(p) − ppᵀ for each row of weights: (…, n) → (…, n, n)."""
    others = 1 - torch.eye(weights.shape[-1], dtype=weights.dtype)
    # p times the sum of the others: 1 − p itself would round to zero.
    diagonal = torch.diag_embed(weights * (weights @ others))
    return diagonal - weights[..., :, None] * weights[..., None, :] * others


def quantiles(values: Tensor, *shares: float) -> list[float]:
    """The values below which the given shares of `values` lie."""
    found: list[float] = values.quantile(torch.tensor(shares, dtype=values.dtype)).tolist()
    return found


def jacobian_values(run: Run, key: str, norm: Tensor) -> None:
    """Mean, median with its interval, and ninetieth percentile of the norms of all rows."""
    run.value(f"norm_mean_{key}", norm.mean().item(), digits=3)
    # The true median lies between these order statistics in 95 % of all draws.
    reach = 1.96 * 0.5 / math.sqrt(len(norm))
    low, middle, high, top = quantiles(norm, 0.5 - reach, 0.5, 0.5 + reach, 0.9)
    run.value(f"norm_median_{key}", middle, digits=5)
    run.value(f"norm_median_from_{key}", low, digits=5)
    run.value(f"norm_median_to_{key}", high, digits=5)
    run.value(f"norm_high_{key}", top, digits=2)


def saturation(run: Run) -> Tensor:
    """Entropy, largest weight and Jacobian norm of rows with and without the scale.

    Returns the scores at the largest width: (ROWS, KEYS), unscaled.
    """
    source = fresh_source()
    entropies: dict[str, list[float]] = {PLAIN: [], SCALED: []}
    norms: dict[str, list[list[float]]] = {PLAIN: [], SCALED: []}
    profiles = {}
    for width in WIDTHS:
        scores = row_scores(width, ROWS, KEYS, source)
        for name, factor in ((PLAIN, 1.0), (SCALED, 1 / math.sqrt(width))):
            weights = softmax(scores * factor)
            norm = softmax_jacobian(weights).norm(dim=(-2, -1))
            entropies[name].append(entropy(weights).mean().item() / math.log(KEYS))
            norms[name].append(quantiles(norm, 0.1, 0.5, 0.9))
            profiles[name, width] = weights.sort(dim=-1, descending=True).values.mean(dim=0)
            if width == WIDTHS[-1]:
                jacobian_values(run, "plain" if name == PLAIN else "scaled", norm)
    for width in (64, 1024):
        for name, key in ((PLAIN, "plain"), (SCALED, "scaled")):
            run.value(f"largest_{width}_{key}", profiles[name, width][0].item(), digits=2)
    run.value("keys", KEYS)
    run.value("rows", ROWS)
    ratio = norms[SCALED][-1][1] / norms[PLAIN][-1][1]
    run.value("norm_ratio", ratio, digits=0)
    run.value("norm_ratio_query", ratio / math.sqrt(WIDTHS[-1]), digits=0)
    run.value("entropy_expected", 1 - 1 / (2 * math.log(KEYS)), digits=3)
    run.value("entropy_scaled", entropies[SCALED][-1], digits=3)
    run.value("entropy_plain", entropies[PLAIN][-1], digits=3)
    run.value("freezing_width", 2 * math.log(KEYS), digits=1)
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
    left.axvline(2 * math.log(KEYS), color="0.5", linestyle="--")
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
    """Share of queries that gradient descent turns towards the wanted one of 16 keys.

    Each of 100 tasks has its own start, keys and wanted key t; the loss is ½‖p − e_t‖², and
    after 200 steps a task is solved if p_t > ½.
    """
    tasks, keys_each, steps = 100, 16, 200
    source = fresh_source()
    query = torch.randn(tasks, width, generator=source)
    keys = torch.randn(tasks, keys_each, width, generator=source)
    wanted = torch.eye(keys_each)[torch.randint(keys_each, (tasks,), generator=source)]
    for _ in range(steps):
        weights = softmax((keys @ query[:, :, None])[..., 0] * scale)
        error = weights - wanted
        # (diag(p) − ppᵀ) times the error, then the chain rule through the scores.
        gradient = weights * (error - (weights * error).sum(dim=-1, keepdim=True))
        query = query - rate * scale * (gradient[:, None, :] @ keys)[:, 0]
    weights = softmax((keys @ query[:, :, None])[..., 0] * scale)
    return ((weights * wanted).sum(dim=-1) > 0.5).float().mean().item()


def learning(run: Run) -> None:
    """Solved share against the learning rate, with and without the scale."""
    rates = [10 ** (power / 2) for power in range(-4, 5)]
    figure = run.new_figure(47)
    panels = figure.subplots(1, 2, sharey=True)
    for axes, width in zip(panels, (16, 256), strict=True):
        for line, (name, scale) in enumerate(((PLAIN, 1.0), (SCALED, 1 / math.sqrt(width)))):
            shares = [learned_share(width, scale, rate) for rate in rates]
            mark = "so"[line]
            axes.plot(rates, shares, f"{mark}-", color=f"C{line}", markersize=4, label=name)
            key = "plain" if name == PLAIN else "scaled"
            run.value(f"best_{key}_{width}", round(100 * max(shares)), unit="%")
        axes.set_xscale("log")
        axes.xaxis.set_minor_formatter(NullFormatter())
        axes.set_ylim(0, 1.04)
        axes.set_title(f"$d_k = {width}$")
        axes.set_xlabel("$\\eta$")
    panels[1].legend(loc="center right")
    run.figure("learning", figure)


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
    run.value("largest_score", scores.max().item(), digits=1)


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
