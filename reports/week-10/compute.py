"""Week 10: order without positions, waves, shifts as rotations, and a real model's table."""

import math
from dataclasses import replace
from itertools import combinations

import torch
from common.minilm import MiniLM, load_minilm
from common.transformer.attention import MultiHeadAttention, causal_mask
from common.transformer.positional import frequencies, rotate, shift_matrix, sinusoidal
from torch import Tensor

from generator.compute.script import Run

BASE = 10_000.0
EULER = 0.5772156649015329  # Euler's constant γ
ACTORS = ("dog", "man", "cat", "child", "king", "horse", "teacher", "bird")
SENTENCES = {
    "love": ("I love you", "You love I"),
    "dog": ("The dog bit the man.", "The man bit the dog."),
    "only": ("Only she said that she loved him.", "She said that she loved only him."),
    "cat": ("The dog bit the man.", "The cat bit the man."),
}


def compute(run: Run) -> None:
    """Every number and figure of the report, section by section."""
    model = load_minilm(
        run.model("minilm-weights"), run.model("minilm-tokenizer"), run.model("minilm-config")
    )
    equivariance(run)
    sentences(run, model)
    swaps(run, model)
    waves(run)
    by_hand(run)
    shift(run)
    distance(run)
    rotary(run)
    learned(run, model.encoder.positions.double())


def fresh_source() -> torch.Generator:
    """A generator at the study's seed: no experiment depends on what ran before it."""
    return torch.Generator().manual_seed(torch.initial_seed())


def normals(*shape: int, source: torch.Generator) -> Tensor:
    """Independent draws from N(0, 1), float64."""
    return torch.randn(*shape, generator=source, dtype=torch.float64)


# ---------------------------------------------------------------- order without positions


def equivariance_gap(layer: MultiHeadAttention, x: Tensor, mask: Tensor | None) -> float:
    """Largest |layer(P x) − P layer(x)| over all entries, P the reversal of the tokens."""
    forward, _ = layer(x, mask)
    backward, _ = layer(x.flip(0), mask)
    return float((backward - forward.flip(0)).abs().max())


def equivariance(run: Run) -> None:
    """Reversing the input reverses the output, unless a mask or positions are there."""
    layer = MultiHeadAttention(32, 4).double()
    x = normals(8, 32, source=fresh_source())
    with torch.no_grad():
        plain = equivariance_gap(layer, x, None)
        causal = equivariance_gap(layer, x, causal_mask(8))
        # Positions belong to places, not to tokens: the reversed input gets them in order.
        table = sinusoidal(torch.arange(8), 32)
        forward, _ = layer(x + table)
        backward, _ = layer(x.flip(0) + table)
    run.value("gap_plain", exponent(plain))
    run.value("gap_causal", causal, digits=3)
    run.value("gap_positions", (backward - forward.flip(0)).abs().max().item(), digits=3)


def exponent(number: float) -> int:
    """The smallest e with number ≤ 10^e: what rounding leaves is an order, not a value."""
    return math.ceil(math.log10(number))


def sentences(run: Run, model: MiniLM) -> None:
    """Cosine of sentence pairs in a real model, with its positions and with zeros instead."""
    zeros = torch.zeros_like(model.encoder.positions)
    orderless = replace(model, encoder=replace(model.encoder, positions=zeros))
    for name, pair in SENTENCES.items():
        for suffix, variant in (("with", model), ("without", orderless)):
            first, second = variant.embed(pair).double()
            run.value(f"{name}_{suffix}", (first @ second).item(), digits=3)


def swaps(run: Run, model: MiniLM) -> None:
    """Swapping who does what against naming another: cosines over all pairs of a few words."""
    swapped, changed = [], []
    for a, b in combinations(range(len(ACTORS)), 2):
        one, two = ACTORS[a], ACTORS[b]
        other = next(word for word in ACTORS[b:] + ACTORS if word not in (one, two))
        texts = [f"The {x} saw the {y}." for x, y in ((one, two), (two, one), (other, two))]
        first, second, third = model.embed(texts).double()
        swapped.append((first @ second).item())
        changed.append((first @ third).item())
    run.string("actors", ", ".join(ACTORS))
    run.value("swap_pairs", len(swapped))
    run.value("swap_mean", sum(swapped) / len(swapped), digits=2)
    run.value("change_mean", sum(changed) / len(changed), digits=2)
    run.value("swap_closer", sum(s > c for s, c in zip(swapped, changed, strict=True)))


# ---------------------------------------------------------------- the waves


def by_hand(run: Run) -> None:
    """The numbers of the example and of the solutions."""
    dot = math.cos(1) + math.cos(0.01)
    run.value("hand_dot", dot, digits=4)
    run.value("hand_cosine", dot / 2, digits=3)
    run.value("hand_degrees", math.degrees(math.acos(dot / 2)), digits=1)
    run.value("zero_base_100", 100 * math.exp(-EULER), digits=0)
    run.value("zero_base", BASE * math.exp(-EULER), digits=0)


def waves(run: Run) -> None:
    """The table for d = 4 and d = 512, the width that the group's column would need, a map."""
    for width in (4, 512):
        table = sinusoidal(torch.arange(3), width, BASE)
        for position in (1, 2):
            for dimension in range(4):
                run.value(
                    f"pe_{width}_{position}_{dimension}",
                    table[position, dimension].item(),
                    digits=4,
                )
    # Which width would give sin(ω₁) = 0.0090? Solve 10000^(−2/d) = asin(0.0090) for d, at
    # the ends of what rounds to 0.0090.
    for name, entry in (("low", 0.00895), ("high", 0.00905)):
        run.value(f"width_{name}", -2 * math.log(BASE) / math.log(math.asin(entry)), digits=2)
    run.value("cos_small", math.cos(0.0090), digits=5)
    periods = 2 * math.pi / frequencies(512, BASE)
    run.value("period_short", periods[0].item(), digits=2)
    run.value("period_long", periods[-1].item(), digits=0)
    run.value("period_ratio", (periods[1] / periods[0]).item(), digits=3)

    table = sinusoidal(torch.arange(128), 128, BASE)
    figure = run.new_figure(52)
    panels = figure.subplots(1, 2, sharey=True)
    for axes, first, name in zip(panels, (0, 1), ("2i", "2i+1"), strict=True):
        image = axes.imshow(table[:, first::2].T, aspect="auto", cmap="RdBu", vmin=-1, vmax=1)
        axes.grid(visible=False)
        axes.set_title(f"$\\mathrm{{PE}}(p, {name})$")
        axes.set_xlabel("$p$")
        axes.set_xticks([0, 32, 64, 96, 127])
    panels[0].set_ylabel("$i$")
    panels[0].set_yticks([0, 16, 32, 48, 63])
    figure.colorbar(image, ax=list(panels))
    run.figure("waves", figure)


# ---------------------------------------------------------------- shifts and distances


def shift(run: Run) -> None:
    """|PE(p + k) − R_k PE(p)| over many p and k, and what it says about norms."""
    width, positions = 512, torch.arange(0, 5000, 7)
    table = sinusoidal(positions, width, BASE)
    worst = 0.0
    for offset in (1, 10, 100, 1000):
        moved = table @ shift_matrix(offset, width, BASE).T
        worst = max(worst, (moved - sinusoidal(positions + offset, width, BASE)).abs().max().item())
    run.value("shift_error", exponent(worst))
    run.value("norm", table[1].norm().item(), digits=0)
    neighbours = cosines(sinusoidal(torch.arange(2), width, BASE))[0, 1].item()
    run.value("neighbour_degrees", math.degrees(math.acos(neighbours)), digits=1, unit="°")


def cosines(rows: Tensor) -> Tensor:
    """Cosine of every pair of rows: (n, width) → (n, n)."""
    rows = rows / rows.norm(dim=1, keepdim=True)
    return rows @ rows.T


def log_law(offsets: Tensor) -> Tensor:
    """1 − (ln k + γ) / ln base: the cosine of positions k apart, for 1 ≪ k ≪ base."""
    return 1 - (offsets.log() + EULER) / math.log(BASE)


def distance(run: Run) -> None:
    """Cosine against distance, for two widths and by the closed form."""
    offsets = torch.unique(torch.logspace(0, 4, 240, dtype=torch.float64).round())
    figure = run.new_figure(54, 120)
    axes = figure.add_subplot()
    for width, colour in ((32, "C1"), (512, "C0")):
        similarity = torch.cos(offsets[:, None] * frequencies(width, BASE)).mean(dim=1)
        line = "-" if width == 512 else ":"
        axes.plot(offsets, similarity, line, color=colour, label=f"$d = {width}$")
    law = log_law(offsets)
    axes.plot(offsets, law, "--", color="0.45", label="$1 - (\\ln k + \\gamma)\\,/\\ln 10^4$")
    axes.set_xscale("log")
    axes.set_ylim(-0.4, 1.05)
    axes.set_xlabel("$k$")
    axes.set_ylabel("$\\mathrm{PE}(p)\\cdot\\mathrm{PE}(p+k)\\,/\\,(d/2)$")
    axes.legend(loc="upper right")
    run.figure("distance", figure)

    inner = torch.tensor([10.0, 100.0, 1000.0], dtype=torch.float64)
    measured = torch.cos(inner[:, None] * frequencies(512, BASE)).mean(dim=1)
    for offset, value, law in zip((10, 100, 1000), measured, log_law(inner), strict=True):
        run.value(f"cosine_{offset}", value.item(), digits=3)
        run.value(f"law_{offset}", law.item(), digits=3)


# ---------------------------------------------------------------- rotating instead of adding


def band_spread(scores: Tensor) -> float:
    """How much scores vary at equal distance: the largest range within one diagonal."""
    size = scores.shape[-1]
    diagonals = [scores.diagonal(offset) for offset in range(-size + 2, size - 1)]
    return max((line.max() - line.min()).item() for line in diagonals)


def rotary(run: Run) -> None:
    """Scores of one query and one key at all places: positions added, and rotated in."""
    tokens, width = 48, 64
    places = torch.arange(tokens)
    table = sinusoidal(places, width, BASE)
    draws = []
    source = fresh_source()
    for _ in range(5):
        query, key = normals(2, 1, width, source=source)
        mixers = normals(2, width, width, source=source) / math.sqrt(width)
        added = ((query + table) @ mixers[0]) @ ((key + table) @ mixers[1]).T
        queries = (query @ mixers[0]).expand(tokens, width)
        keys = (key @ mixers[1]).expand(tokens, width)
        rotated = rotate(queries, places, BASE) @ rotate(keys, places, BASE).T
        draws.append({"added": added / math.sqrt(width), "rotated": rotated / math.sqrt(width)})
    scores = draws[0]
    spreads = [band_spread(draw["added"]) for draw in draws]
    run.value("spread_added", sum(spreads) / len(spreads), digits=1)
    run.value("spread_added_low", min(spreads), digits=1)
    run.value("spread_added_high", max(spreads), digits=1)
    run.value("spread_rotated", exponent(max(band_spread(draw["rotated"]) for draw in draws)))

    figure = run.new_figure(60)
    panels = figure.subplots(1, 2, sharey=True)
    for axes, (name, matrix) in zip(panels, scores.items(), strict=True):
        reach = matrix.abs().max().item()
        image = axes.imshow(matrix, cmap="RdBu", vmin=-reach, vmax=reach)
        axes.grid(visible=False)
        axes.set_title("(a)" if name == "added" else "(b)")
        axes.set_xlabel("$n$")
        figure.colorbar(image, ax=axes, shrink=0.9)
    panels[0].set_ylabel("$m$")
    run.figure("scores", figure)


# ---------------------------------------------------------------- what a trained model has


def spectrum(rows: Tensor) -> Tensor:
    """Share of the power at 0, 1, 2, … cycles over all rows, summed over the dimensions.

    rows: (n, d), one position each; their mean is taken off and a Hann window applied, so
    that the ends don't leak over the whole axis. Returns (n // 2 + 1,), summing to 1.
    """
    window = torch.hann_window(len(rows), periodic=False, dtype=rows.dtype)
    waves = torch.fft.rfft((rows - rows.mean(dim=0)) * window[:, None], dim=0)
    power = waves.abs().pow(2).sum(dim=1)
    shares: Tensor = power / power.sum()
    return shares


def bands(power: Tensor, floor: float) -> list[tuple[float, float]]:
    """Runs of neighbouring cycles whose share exceeds `floor`: (mean cycles, share) of each.

    Runs with less than 1 % of the power in all are left out.
    """
    found: list[tuple[float, float]] = []
    run: list[int] = []
    for cycle in range(len(power) + 1):
        if cycle < len(power) and power[cycle] > floor:
            run.append(cycle)
        elif run:
            share = power[run]
            centre = (share @ torch.tensor(run, dtype=power.dtype)) / share.sum()
            found.append((centre.item(), share.sum().item()))
            run = []
    return [(cycles, share) for cycles, share in found if share > 0.01]


def learned(run: Run, table: Tensor) -> None:
    """The position table of all-MiniLM-L6-v2: norms, dimension, spectrum, shifts."""
    norms = table.norm(dim=1)
    run.value("positions", len(table))
    run.value("model_width", table.shape[1])
    run.value("norm_typical", norms.median().item(), digits=2)
    for place in (0, 127, 511):
        run.value(f"norm_{place}", norms[place].item(), digits=2)

    inner = table[1:511]  # the ends are of another kind, as their norms show
    centred = inner - inner.mean(dim=0)
    _, sizes, directions = torch.linalg.svd(centred, full_matrices=False)
    energy = (sizes**2).cumsum(dim=0) / (sizes**2).sum()
    run.value("energy_ten", 100 * energy[9].item(), digits=0, unit="%")

    power = spectrum(inner)
    peaks = bands(power, floor=1e-3)
    run.value("bands", len(peaks))
    for index, (cycles, _) in enumerate(reversed(peaks[1:])):
        run.value(f"band_{index}_period", len(inner) / cycles, digits=1)
    run.value("between_share", 100 * (1 - sum(share for _, share in peaks)), digits=1, unit="%")

    # The same in each half of the table, and in random numbers of the same shape.
    for name, half in (("first", inner[:255]), ("second", inner[255:])):
        found = [len(half) / cycles for cycles, _ in reversed(bands(spectrum(half), floor=2e-3))]
        for index, period in enumerate(period for period in found if period < 40):
            run.value(f"half_{name}_{index}", period, digits=1)
    noise = normals(*inner.shape, source=fresh_source())
    run.value("noise_bands", len(bands(spectrum(noise), floor=5 / len(power))))

    coordinates = centred @ directions[:10].T
    for offset in (1, 4, 16):
        run.value(f"shift_learned_{offset}", shift_misfit(coordinates, offset), digits=2)
    reference = normals(*coordinates.shape, source=fresh_source())
    run.value("shift_random", shift_misfit(reference, 1), digits=2)
    draw_learned(run, inner, power)


def shift_misfit(rows: Tensor, offset: int) -> float:
    """|rows(p + k) − R rows(p)| / |rows(p + k)| for the best R, on positions that R didn't see.

    R is fitted by least squares to the even positions and tried on the odd ones; 0 is a
    perfect shift, 1 is no better than nothing.
    """
    before, after = rows[:-offset], rows[offset:]
    fitted = torch.linalg.lstsq(before[::2], after[::2]).solution
    rest = before[1::2] @ fitted - after[1::2]
    return float(rest.norm() / after[1::2].norm())


def draw_learned(run: Run, inner: Tensor, power: Tensor) -> None:
    """Cosines of the learned rows (left) and their spectrum against the period (right)."""
    figure = run.new_figure(60)
    left, right = figure.subplots(1, 2, width_ratios=[1, 1.25])
    centred = inner - inner.mean(dim=0)
    image = left.imshow(
        cosines(centred[:128]), cmap="RdBu", vmin=-1, vmax=1, extent=(0.5, 128.5, 128.5, 0.5)
    )
    left.grid(visible=False)
    left.set_xlabel("$p_2$")
    left.set_ylabel("$p_1$")
    left.set_xticks([1, 32, 64, 96, 128])
    left.set_yticks([1, 32, 64, 96, 128])
    figure.colorbar(image, ax=left, shrink=0.8)
    periods = len(inner) / torch.arange(1, len(power))
    right.plot(periods, power[1:], "o-", markersize=2.5, linewidth=0.8, markevery=slice(0, 40))
    right.set_xscale("log")
    right.set_yscale("log")
    right.set_xticks([2, 6, 18, 54, 162, 510], ["2", "6", "18", "54", "162", "510"])
    right.minorticks_off()
    right.set_xlabel("$T$")
    right.set_ylabel("$S(T)$")
    run.figure("learned", figure)
