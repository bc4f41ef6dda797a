"""Week 6: what a dot product compares, between sentence vectors and inside attention."""

import csv
import math

import torch
from common.bert import Trace
from common.heads import (
    agreement,
    antisymmetric_share,
    content,
    cosine_limit,
    form,
    moved_weight,
    popularity,
    scores,
    state_cosines,
    without_lengths,
)
from common.in_korean import korean_table
from common.minilm import MiniLM, load_minilm
from common.vectors import cosine, degrees
from matplotlib.axes import Axes
from torch import Tensor

from generator.compute.script import Run

SHOUTED = ("fire", "cat", "help", "stop", "love", "wow")
MARKS = 8  # exclamation marks from 0 to 7
FLIPS = 20_000
CITIES = "Paris, Berlin, Beijing and Seoul are cities."
ALIKE, UNLIKE = (2, 9), (2, 6)  # layer and head, from 0: the two heads of the third figure


def compute(run: Run) -> None:
    """Every number, table and figure of the report, section by section."""
    model = load_minilm(
        run.model("minilm-weights"), run.model("minilm-tokenizer"), run.model("minilm-config")
    )
    four_numbers(run, model)
    two_arrows(run)
    norms(run, model)
    controls(run, model)
    cities_in_attention(run, model)
    sentences = run.file("data/sentences.txt").read_text(encoding="utf-8").splitlines()
    traces = [model.trace(sentence) for sentence in sentences]
    every_head(run, model, traces)
    two_heads(run, model, sentences[0])
    magnitudes(run, traces)


# ---------------------------------------------------------------- vectors


def four_numbers(run: Run, model: MiniLM) -> None:
    """Paris with three other cities, and the width of the vectors."""
    vectors = model.embed(["Paris", "Berlin", "Beijing", "Seoul"])
    for name, product in zip(
        ("berlin", "beijing", "seoul"), vectors[0] @ vectors[1:].T, strict=True
    ):
        run.value(f"paris_{name}", float(product), digits=3)
    run.value("width", vectors.shape[1])


def two_arrows(run: Run) -> None:
    """Two vectors in the plane, the exercise's two, and a head of two tokens; the picture."""
    for name, first, second in (
        ("plane", (3.0, 4.0), (1.0, 2.0)),
        ("turn", (2.0, 1.0), (1.0, 3.0)),
    ):
        a, b = torch.tensor(first), torch.tensor(second)
        run.value(f"{name}_dot", round(float(a @ b)))
        run.value(f"{name}_a", float(a.norm()), digits=3)
        run.value(f"{name}_b", float(b.norm()), digits=3)
        run.value(f"{name}_cos", cosine(a, b), digits=3)
        run.value(f"{name}_angle", degrees(cosine(a, b)), digits=1, unit="°")
    weights = swapped_weights()
    run.value("swap_own", float(weights[0, 0]), digits=3)
    run.value("swap_other", float(weights[0, 1]), digits=3)
    run.value("average_length", average_length(4, 0.25), digits=3)

    figure = run.new_figure(50, 110)
    left, right = figure.subplots(1, 2)
    arrow(left, (3, 4), "$a$", "C0", "-")
    arrow(left, (1, 2), "$b$", "C1", "-")
    left.set_xlim(0, 5)
    left.set_ylim(0, 5)
    # The keys lie on the other token's vector; drawn a little longer so that both are seen.
    arrow(right, (1, 0), "$x_1$", "C0", "-")
    arrow(right, (0, 1), "$x_2$", "C1", "-")
    arrow(right, (0, 1.5), "$k_1$", "C0", "--")
    arrow(right, (1.5, 0), "$k_2$", "C1", "--")
    right.set_xlim(-0.4, 2)
    right.set_ylim(-0.4, 2)
    for axes in (left, right):
        axes.set_aspect("equal")
    run.figure("arrows", figure)


def arrow(axes: Axes, end: tuple[float, float], name: str, colour: str, style: str) -> None:
    """An arrow from the origin, with its name at the end."""
    axes.annotate(
        "", end, (0, 0), arrowprops={"arrowstyle": "->", "color": colour, "linestyle": style}
    )
    axes.text(end[0] + 0.08, end[1] + 0.08, name, color=colour)


def swapped_weights() -> Tensor:
    """(2, 2): weights of two tokens, W_Q the identity and W_K a swap of the coordinates."""
    states = torch.eye(2, dtype=torch.float64)
    return torch.softmax(states @ states.flip(1).T / math.sqrt(2), dim=-1)


def average_length(n: int, cosines: float) -> float:
    """Length of the average of n vectors of length 1 with the same cosine between any two."""
    return math.sqrt((1 + (n - 1) * cosines) / n)


def norms(run: Run, model: MiniLM) -> None:
    """Lengths before normalisation, by number of exclamation marks; what they do to a ranking."""
    lengths = {
        word: model.raw([word + "!" * marks for marks in range(MARKS)]).norm(dim=1)
        for word in SHOUTED
    }
    falls = sum(float(length[-1]) < float(length[0]) for length in lengths.values())
    run.value("shouted", len(SHOUTED))
    run.value("shouted_shorter", falls)
    korean = model.raw(["화재", "화재!!!", "고양이", "고양이!!!!"]).norm(dim=1)
    for name, length in zip(("hwajae", "hwajae_3", "goyangi", "goyangi_4"), korean, strict=True):
        run.value(f"norm_{name}", float(length), digits=2)
    turned = model.embed(["fire", "fire!!!"])
    run.value("fire_turn", degrees(float(turned[0] @ turned[1])), digits=0, unit="°")

    states = model.trace("fire!!!").hidden[-1].norm(dim=1)
    run.value("fire_state", float(states[1]), digits=1)
    run.value("mark_state_low", float(states[2:5].min()), digits=1)
    run.value("mark_state_high", float(states[2:5].max()), digits=1)

    figure = run.new_figure(50)
    axes = figure.add_subplot()
    for mark, (word, length) in zip("os^Dv*", lengths.items(), strict=True):
        axes.plot(range(MARKS), length, f"{mark}-", label=word)
    axes.set_xlabel("exclamation marks after the word")
    axes.set_ylabel("length before normalisation")
    axes.set_ylim(0, 8)
    axes.legend(ncols=3, loc="lower left")
    run.figure("shouting", figure)


# ---------------------------------------------------------------- controls


def contrast(capitals: Tensor, cities: Tensor) -> tuple[float, Tensor]:
    """What two capitals share beyond what their countries share, and each country's difference.

    capitals, cities: (n, d), unit vectors, one row a country. With D = capitals − cities,
    D_i·D_j = C_i·C_j + N_i·N_j − C_i·N_j − N_i·C_j. Returns its mean over i ≠ j, and D.
    """
    differences = capitals - cities
    total = differences.sum(dim=0)
    n = len(differences)
    pairs = total @ total - differences.square().sum()
    return float(pairs) / (n * (n - 1)), differences


def flipped_contrasts(differences: Tensor, count: int, source: torch.Generator) -> Tensor:
    """(count,): the contrast after a coin has swapped capital and city in each country."""
    n = len(differences)
    signs = torch.randint(0, 2, (count, n), generator=source, dtype=differences.dtype) * 2 - 1
    totals = (signs @ differences).square().sum(dim=1)
    return (totals - differences.square().sum()) / (n * (n - 1))


def controls(run: Run, model: MiniLM) -> None:
    """What Paris is near to, and what being a capital has to do with it."""
    with run.file("data/places.csv").open(encoding="utf-8", newline="") as file:
        places = list(csv.DictReader(file))
    names = {kind: [place[kind] for place in places] for kind in ("country", "capital", "city")}
    vectors = {kind: model.embed(words) for kind, words in names.items()}
    run.value("countries", len(places))
    others = {"chicago": "Chicago", "word_city": "city", "banana": "banana"}
    paris, *near = model.embed(["Paris", *others.values()])
    for key, vector in zip(others, near, strict=True):
        run.value(f"paris_{key}", float(vector @ paris), digits=3)

    country, capital, city = vectors.values()
    off = ~torch.eye(len(places), dtype=torch.bool)
    upper = torch.triu(off)
    pairs = {
        "capital, own country": (capital * country).sum(dim=1),
        "capital, own city": (capital * city).sum(dim=1),
        "capital, capital": (capital @ capital.T)[upper],
        "capital, other city": (capital @ city.T)[off],
        "city, other city": (city @ city.T)[upper],
        "capital, other country": (capital @ country.T)[off],
    }
    run.value("two_capitals", float(pairs["capital, capital"].mean()), digits=3)
    run.value("capital_and_city", float(pairs["capital, other city"].mean()), digits=3)
    same = float(pairs["capital, own city"].mean() - pairs["capital, other city"].mean())
    run.value("same_country", same, digits=3)

    found, differences = contrast(capital, city)
    chance = flipped_contrasts(differences, FLIPS, torch.Generator().manual_seed(run.seed))
    reached = int((chance >= found).sum())
    run.value("contrast", found, digits=3)
    run.value("same_over_contrast", same / found, digits=0)
    run.value("flips", FLIPS)
    run.value("flips_reached", reached)
    run.value("flips_p", (reached + 1) / (FLIPS + 1), digits=4)
    draw_controls(run, pairs, found, chance)


def draw_controls(run: Run, pairs: dict[str, Tensor], found: float, chance: Tensor) -> None:
    """The cosines of every kind of pair (left) and the contrast against chance (right)."""
    source = torch.Generator().manual_seed(run.seed)
    figure = run.new_figure(62)
    left, right = figure.subplots(1, 2, width_ratios=(3, 2))
    rows = list(enumerate(reversed(pairs.values())))
    heights = [row + (torch.rand(len(v), generator=source) - 0.5) * 0.5 for row, v in rows]
    # One artist and a picture of it: two thousand vector dots would take 200 KB.
    left.plot(
        torch.cat([values for _, values in rows]),
        torch.cat(heights),
        "o",
        color="#7FB7D9",
        markersize=1.6,
        mew=0,
        rasterized=True,
    )
    for row, values in rows:
        mean = float(values.mean())
        left.plot([mean, mean], [row - 0.38, row + 0.38], color="C1", linewidth=2)
    left.set_yticks(range(len(pairs)), list(reversed(pairs)))
    left.set_xlabel("cosine")
    left.grid(axis="y", visible=False)
    right.hist(chance, bins=40, color="C0")
    right.axvline(found, color="C1", linewidth=2)
    right.set_xlabel("contrast")
    right.set_ylabel("number of draws")
    run.figure("controls", figure)


# ---------------------------------------------------------------- inside attention


def cities_in_attention(run: Run, model: MiniLM) -> None:
    """The four cities in one sentence: cosines of their states, and real weights."""
    run.string("cities", CITIES)
    found = model.trace(CITIES)
    tokens = model.tokens(CITIES)
    paris, *others = (tokens.index(word) for word in ("paris", "berlin", "beijing", "seoul"))
    rows: list[tuple[str | float, ...]] = []
    for layer in (0, 2):
        cosines = state_cosines(found, layer)
        weights = found.attention[layer].mean(dim=0)
        for kind, row in (
            ("cosine of the states", cosines[paris, others]),
            ("weight, from Paris", weights[paris, others]),
            ("weight, to Paris", weights[others, paris]),
        ):
            rows.append((f"{layer}", kind, *(float(x) for x in row)))
    run.table(
        "cities", ("layer", "from the real model", "Berlin", "Beijing", "Seoul"), rows, digits=3
    )
    kinds = {
        "cosine of the states": "상태의 코사인",
        "weight, from Paris": "가중치, 파리에서",
        "weight, to Paris": "가중치, 파리로",
    }
    columns = ("층", "실제 모델에서", "베를린", "베이징", "서울")
    korean_table(run, "cities", columns, rows, kinds, digits=3)
    first = found.attention[0].mean(dim=0)
    marks = first[paris, 0] + first[paris, -1]
    run.value("cities_marks", 100 * float(marks), digits=0, unit="%")


def every_head(run: Run, model: MiniLM, traces: list[Trace]) -> None:
    """Over all heads: do the scores follow the cosines, and is the form symmetric?"""
    layers, heads = len(model.encoder.blocks), model.encoder.heads
    places = [(layer, head) for layer in range(layers) for head in range(heads)]
    agrees = torch.tensor([agreement(traces, *place) for place in places])
    forms = [form(model.encoder, *place) for place in places]
    odd = torch.tensor([antisymmetric_share(matrix) for matrix in forms])
    popular = torch.tensor([popularity(traces, *place) for place in places])
    run.value("popular_mean", 100 * float(popular.mean()), digits=0, unit="%")
    run.value("heads", len(places))
    run.value("sentences", len(traces))
    run.value("agreement_mean", float(agrees.mean()), digits=2)
    run.value("agreement_negative", int((agrees < 0).sum()))
    run.value("odd_mean", float(odd.mean()), digits=2)
    run.value("odd_alike", antisymmetric_share(form(model.encoder, *ALIKE)), digits=2)
    run.value("head_width", model.words.shape[1] // heads)
    for name, place in (("alike", ALIKE), ("unlike", UNLIKE)):
        run.value(f"popular_{name}", 100 * popularity(traces, *place), digits=0, unit="%")
    run.value("agreement_alike", agreement(traces, *ALIKE), digits=2)

    figure = run.new_figure(54)
    left, right = figure.subplots(1, 2, width_ratios=(3, 2))
    grid = agrees.view(layers, heads)
    image = left.imshow(grid, cmap="PuOr_r", vmin=-0.6, vmax=0.6, aspect="auto")
    left.set_xticks(range(heads), [str(head) for head in range(heads)])
    left.set_yticks(range(layers), [str(layer) for layer in range(layers)])
    left.set_xlabel("head")
    left.set_ylabel("layer")
    left.grid(visible=False)
    figure.colorbar(image, ax=left, label="correlation")
    right.plot(odd, agrees, "o")
    right.axvline(0.5, color="0.5", linestyle=":")
    right.axhline(0, color="0.5", linestyle=":")
    right.set_xlabel("antisymmetric share")
    right.set_ylabel("correlation")
    run.figure("heads", figure)


def two_heads(run: Run, model: MiniLM, sentence: str) -> None:
    """One sentence: its cosines, and the scores of two heads that read the same states."""
    found = model.trace(sentence)
    tokens = model.tokens(sentence)[1:-1]
    panels = (
        ("cosine of the states", content(state_cosines(found, ALIKE[0]))),
        (f"scores of head {ALIKE[1]}", content(scores(found, *ALIKE))),
        (f"scores of head {UNLIKE[1]}", content(scores(found, *UNLIKE))),
    )
    figure = run.new_figure(62)
    for index, (axes, (title, matrix)) in enumerate(
        zip(figure.subplots(1, 3), panels, strict=True)
    ):
        draw_matrix(axes, matrix, tokens, labelled=index == 0)
        axes.set_title(title)
    run.figure("matrices", figure)


def draw_matrix(axes: Axes, matrix: Tensor, tokens: list[str], *, labelled: bool) -> None:
    """A matrix of tokens by tokens; the diagonal is left out of the colours' range."""
    shown = matrix.clone().fill_diagonal_(math.nan)
    axes.imshow(shown, cmap="Blues")
    axes.set_xticks(range(len(tokens)), tokens, rotation=90, fontsize=6)
    axes.set_yticks(range(len(tokens)), tokens if labelled else [""] * len(tokens), fontsize=6)
    axes.grid(visible=False)


# ---------------------------------------------------------------- magnitude


def magnitudes(run: Run, traces: list[Trace]) -> None:
    """How far the weights move without the lengths, and what cosines alone could not say."""
    moved: dict[str, list[Tensor]] = {"keys": [], "queries": []}
    above, marks = [], []
    for found in traces:
        width = math.sqrt(found.query.shape[-1])
        flat_query, flat_key = without_lengths(found.query), without_lengths(found.key)
        for name, query, key in (
            ("keys", found.query, flat_key),
            ("queries", flat_query, found.key),
        ):
            weights = torch.softmax(query @ key.transpose(-1, -2) / width, dim=-1)
            moved[name].append(moved_weight(found.attention, weights)[..., 1:-1].flatten())
        rows = found.attention[..., 1:-1, :]
        top = rows.amax(dim=-1)
        above.append((top > cosine_limit(rows.shape[-1])).flatten())
        marks.append((rows[..., 0] + rows[..., -1]).flatten())
    for name, parts in moved.items():
        run.value(f"moved_{name}", 100 * float(torch.cat(parts).mean()), digits=0, unit="%")
    counts = [found.attention.shape[-1] for found in traces]
    run.value("keys_low", min(counts))
    run.value("keys_high", max(counts))
    run.value("limit_low", cosine_limit(max(counts)), digits=2)
    run.value("limit_high", cosine_limit(min(counts)), digits=2)
    run.value("limit_thousand", cosine_limit(1000), digits=4)
    for name, parts in (
        ("above", above),
        ("marks", marks),
    ):
        mean = float(torch.cat(parts).double().mean())
        run.value(name, 100 * mean, digits=0, unit="%")
