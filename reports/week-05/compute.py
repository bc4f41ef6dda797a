"""Week 5: what cosines between word vectors say, and what they don't."""

import csv
import math

import torch
from common.bert import unit
from common.comparison import paired_interval
from common.e5 import E5, load_e5
from common.in_korean import korean_table
from common.minilm import load_minilm
from common.projection import (
    neighbours_kept,
    principal_components,
    square_distances,
    tsne,
)
from common.vectors import (
    analogy_counts,
    combined_cosines,
    degrees,
    pairs_of,
    shuffled_means,
    third_cosine,
    wider_triples,
)
from matplotlib.axes import Axes
from torch import Tensor

from generator.compute.script import Run

# The group's own matrix: 사랑 (love), 무관심 (indifference), 증오 (hate), in KR-SBERT-V40K.
GROUP = ((1, 0.349, 0.488), (0.349, 1, 0.330), (0.488, 0.330, 1))
PERPLEXITY = 15
SHUFFLES = 10_000
NEIGHBOURS = 5
SCATTER_PT = (165.0, 145.0)  # about what a panel's points spread over, in points
COLOURS = {
    "feeling": "C1",
    "animal": "C0",
    "food": "C2",
    "thing": "C3",
    "nature": "C5",
    "people": "C4",
}


def compute(run: Run) -> None:
    """Every number, table and figure of the report, section by section."""
    model = load_e5(run.model("e5"))
    rows = read(run, "words")
    words = [row["korean"] for row in rows]
    groups = [row["group"] for row in rows]
    raw = model.embed(words)
    centre = raw.mean(dim=0)
    run.value("words", len(words))
    run.value("width", raw.shape[1])

    pipeline(run, model)
    angles(run)
    three_models(run, model, raw)
    training_step(run, raw)
    centred = baseline(run, raw, centre, groups)
    draw_matrices(run, raw, centred, words, groups)
    positive(run, raw)
    what_resembles(run, raw, centre, rows)
    opposites(run, model, centre)
    syllables(run, model, raw, centre, words)
    arithmetic(run, raw, centred, rows)
    analogies(run, model, raw)
    pictures(run, centred, words, groups)
    solutions(run, model, raw, centre, rows)


def read(run: Run, name: str) -> list[dict[str, str]]:
    """The rows of data/NAME.csv."""
    with run.file(f"data/{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


# ---------------------------------------------------------------- where a vector comes from


def pipeline(run: Run, model: E5) -> None:
    """Love and hate on their way from text to one vector each, as a picture."""
    steps = ("text", "pieces", "rows of the look-up table", "after the blocks", "mean, length 1")
    figure = run.new_figure(40)
    axes = figure.add_subplot()
    width = model.encoder.segment.shape[0]
    for row, word in enumerate(("사랑", "증오")):
        tokens = model.tokens(f"query: {word}")
        n = len(tokens)
        cells = (
            f"query: {word}",
            "\n".join((" ".join(tokens[:4]), " ".join(tokens[4:]))),
            f"{n} × {width}",
            f"{n} × {width}",
            f"{width} numbers",
        )
        for place, words in enumerate(cells):
            axes.text(
                place,
                -row,
                words,
                ha="center",
                va="center",
                fontsize=7.5,
                bbox={"boxstyle": "round,pad=0.4", "fc": "#E4EEF5", "ec": "C0"},
            )
            if place:
                axes.annotate(
                    "",
                    (place - 0.42, -row),
                    (place - 0.58, -row),
                    arrowprops={"arrowstyle": "->", "color": "0.4"},
                )
    for place, words in enumerate(steps):
        axes.text(place, 0.62, words, ha="center", fontsize=7.5, color="0.3")
    axes.set_xlim(-0.5, 4.5)
    axes.set_ylim(-1.5, 0.85)
    axes.axis("off")
    run.figure("pipeline", figure)
    run.value("pieces_known", len(model.vocabulary.pieces))
    run.value("blocks", len(model.encoder.blocks))


def training_step(run: Run, raw: Tensor) -> None:
    """The contrastive loss by hand: love has to pick hate among hate and indifference."""
    near, far = (raw[0] @ raw[i] for i in (2, 1))
    lead = float(near - far)
    run.value("lead", lead, digits=3)
    for name, temperature in (("warm", 1.0), ("cold", 0.01)):
        run.value(f"picked_{name}", 1 / (1 + math.exp(-lead / temperature)), digits=2)


def looked_up(model: E5, words: list[str]) -> Tensor:
    """(words, d): the mean of each word's rows of the look-up table, before any block."""
    return torch.stack([model.words(model.vocabulary.split(word)).mean(dim=0) for word in words])


# ---------------------------------------------------------------- three words


def angles(run: Run) -> None:
    """The group's cosines as angles, and its matrix's eigenvalues."""
    matrix = torch.tensor(GROUP, dtype=torch.float64)
    for name, (i, j) in (
        ("love_indifference", (0, 1)),
        ("love_hate", (0, 2)),
        ("indifference_hate", (1, 2)),
    ):
        run.value(f"group_{name}", matrix[i, j].item(), digits=3)
        run.value(f"angle_{name}", degrees(matrix[i, j].item()), digits=0, unit="°")
    for name, eigenvalue in zip(
        ("low", "middle", "high"), torch.linalg.eigvalsh(matrix), strict=True
    ):
        run.value(f"eigenvalue_{name}", eigenvalue.item(), digits=3)
    third = third_cosine(GROUP[0][1], GROUP[0][2])
    run.value("third_low", third[0], digits=2)
    run.value("third_high", third[1], digits=2)
    impossible = torch.tensor([[1, 0.9, 0.9], [0.9, 1, -0.9], [0.9, -0.9, 1]], dtype=torch.float64)
    run.value("impossible", torch.linalg.eigvalsh(impossible)[0].item(), digits=2)
    run.value("friend", third_cosine(0.9, 0.9)[0], digits=2)


def three_models(run: Run, model: E5, raw: Tensor) -> None:
    """Love, indifference, hate: the group's model beside two others, one in two languages."""
    english = ["love", "indifference", "hate"]
    minilm = load_minilm(
        run.model("minilm-weights"), run.model("minilm-tokenizer"), run.model("minilm-config")
    )
    rows: list[tuple[str | float, ...]] = []
    for name, vectors in (
        ("multilingual-e5-small, Korean", raw[:3]),
        ("multilingual-e5-small, English", model.embed(english)),
        ("all-MiniLM-L6-v2, English", minilm.embed(english)),
    ):
        matrix = vectors @ vectors.T
        rows.append((name, *(matrix[i, j].item() for i, j in ((0, 1), (0, 2), (1, 2)))))
    first = ("KR-SBERT-V40K, Korean (the group's)", GROUP[0][1], GROUP[0][2], GROUP[1][2])
    run.table(
        "models",
        ("model and language", "love–indifference", "love–hate", "indifference–hate"),
        [first, *rows],
        digits=3,
    )
    columns = ("모델과 언어", "사랑–무관심", "사랑–증오", "무관심–증오")
    words = {
        "KR-SBERT-V40K, Korean (the group's)": "KR-SBERT-V40K, 한국어(스터디의 값)",
        "multilingual-e5-small, Korean": "multilingual-e5-small, 한국어",
        "multilingual-e5-small, English": "multilingual-e5-small, 영어",
        "all-MiniLM-L6-v2, English": "all-MiniLM-L6-v2, 영어",
    }
    korean_table(run, "models", columns, [first, *rows], words, digits=3)


# ---------------------------------------------------------------- the baseline


def baseline(run: Run, raw: Tensor, centre: Tensor, groups: list[str]) -> Tensor:
    """Raw and centred cosines of all pairs. Returns the centred unit vectors (n, d)."""
    centred = unit(raw - centre)
    cosines = {"raw": pairs_of(raw @ raw.T), "centred": pairs_of(centred @ centred.T)}
    same = pairs_of(torch.tensor([[a == b for b in groups] for a in groups]))
    run.value("pairs", len(same))
    run.value("pairs_same", int(same.sum()))
    for name, values in cosines.items():
        run.value(f"{name}_low", values.min().item(), digits=2)
        run.value(f"{name}_high", values.max().item(), digits=2)
        run.value(f"{name}_mean", values.mean().item(), digits=2)
        run.value(f"{name}_spread", values.std().item(), digits=2)
        above = (values > values[1]).double().mean().item()  # pair 1 is love and hate
        run.value(f"{name}_above", 100 * above, digits=0, unit="%")
        run.value(f"{name}_love_hate", values[1].item(), digits=2)
    run.value("centre_square", centre.square().sum().item(), digits=2)
    gain = cosines["centred"][same].mean() - cosines["centred"][~same].mean()
    run.value("group_gain", gain.item(), digits=2)
    matrix = centred @ centred.T
    run.value("triples_share", 100 * wider_triples(matrix), digits=0, unit="%")

    figure = run.new_figure(44)
    panels = figure.subplots(1, 2)
    for axes, (name, values) in zip(panels, cosines.items(), strict=True):
        low, high = (0.77, 0.93) if name == "raw" else (-0.3, 0.5)
        axes.hist(
            [values[~same], values[same]],
            bins=32,
            range=(low, high),
            stacked=True,
            color=["C0", "C1"],
            label=["different groups", "same group"],
        )
        axes.axvline(values[1].item(), color="black", linestyle="--", label="love and hate")
        axes.set_title(name)
        axes.set_xlabel("cosine")
    panels[0].set_ylabel("pairs")
    panels[1].legend(loc="upper right")
    run.figure("baseline", figure)
    return centred


def draw_matrices(
    run: Run, raw: Tensor, centred: Tensor, words: list[str], groups: list[str]
) -> None:
    """All cosines, raw and centred, words in the order of their groups."""
    n = len(words)
    below = torch.ones(n, n, dtype=torch.bool).tril(-1)
    figure = run.new_figure(88)
    axes = figure.add_subplot()
    for vectors, half, colours, low, high, side, name in (
        (raw, below, "Blues", 0.78, 0.92, "left", "cosine, raw (below the diagonal)"),
        (centred, below.T, "PuOr_r", -0.4, 0.4, "right", "cosine, centred (above the diagonal)"),
    ):
        matrix = (vectors @ vectors.T).where(half, math.nan)
        image = axes.imshow(matrix, cmap=colours, vmin=low, vmax=high)
        figure.colorbar(image, ax=axes, shrink=0.7, label=name, location=side)
    axes.set_xticks([])
    axes.set_yticks(range(n), words, fontsize=5.5)
    axes.tick_params(length=0)
    axes.grid(visible=False)
    for edge in (i - 0.5 for i in range(1, n) if groups[i] != groups[i - 1]):
        axes.axhline(edge, color="white", linewidth=0.8)
        axes.axvline(edge, color="white", linewidth=0.8)
    run.figure("matrices", figure)


# ---------------------------------------------------------------- positive semidefinite


def positive(run: Run, raw: Tensor) -> None:
    """What semidefiniteness forbids (left), and the eigenvalues of the real matrix (right)."""
    exact = raw.double()
    eigenvalues = torch.linalg.eigvalsh(exact @ exact.T).flip(0)
    run.value("gram_share", 100 * (eigenvalues[0] / eigenvalues.sum()).item(), digits=1, unit="%")

    figure = run.new_figure(46)
    left, right = figure.subplots(1, 2)
    shared = torch.linspace(-1, 1, 201)
    left.fill_between(
        shared, 2 * shared**2 - 1, torch.ones(201), color="C0", alpha=0.25, linewidth=0
    )
    left.plot(shared, 2 * shared**2 - 1, color="C0")
    left.plot(0.9, third_cosine(0.9, 0.9)[0], "o", color="C0")
    left.plot(0.9, -0.9, "X", color="C1", markersize=6)
    left.set_xlabel("cosine of a with b, and of a with c")
    left.set_ylabel("cosine of b with c")
    right.plot(range(1, len(eigenvalues) + 1), eigenvalues, "o", markersize=3)
    right.set_yscale("log")
    right.set_xlabel("rank of the eigenvalue")
    right.set_ylabel("eigenvalue")
    run.figure("positive", figure)


# ---------------------------------------------------------------- what resembles what


def what_resembles(run: Run, raw: Tensor, centre: Tensor, words: list[dict[str, str]]) -> None:
    """Nearest words, and those of another group that share a syllable."""
    centred = unit(raw - centre)
    near = (centred @ centred.T).fill_diagonal_(-1)
    best = near.argmax(dim=1).tolist()
    hits = [words[i]["group"] == words[j]["group"] for i, j in enumerate(best)]
    run.value("nearest_hits", sum(hits))
    shared = [bool(set(words[i]["korean"]) & set(words[j]["korean"])) for i, j in enumerate(best)]
    missed = [i for i, hit in enumerate(hits) if not hit]
    run.value("nearest_misses", len(missed))
    run.value("misses_sharing", sum(shared[i] for i in missed))
    syllables = [set(word["korean"]) for word in words]
    sharing = pairs_of(torch.tensor([[bool(a & b) for b in syllables] for a in syllables]))
    run.value("pairs_sharing", 100 * sharing.double().mean().item(), digits=0, unit="%")
    pairs = [(words[i], words[best[i]], near[i, best[i]].item()) for i in missed if shared[i]]
    rows = [(gloss(word), gloss(nearest), value) for word, nearest, value in pairs]
    run.table("misses", ("word", "nearest word", "cosine"), rows, digits=2)
    rows = [(word["korean"], nearest["korean"], value) for word, nearest, value in pairs]
    korean_table(run, "misses", ("단어", "가장 가까운 단어", "코사인"), rows, digits=2)


def opposites(run: Run, model: E5, centre: Tensor) -> None:
    """Words with an opposite and a synonym."""
    rows = read(run, "opposites")
    columns = [unit(model.embed([row[k] for row in rows]) - centre) for k in rows[0]]
    opposite, synonym = ((columns[0] * columns[k]).sum(dim=1) for k in (1, 2))
    everything = torch.cat(columns)
    run.value("triples", len(rows))
    run.value("opposite_mean", opposite.mean().item(), digits=2)
    run.value("synonym_mean", synonym.mean().item(), digits=2)
    low, high = paired_interval((synonym - opposite).tolist())
    run.value("synonym_lead_low", low, digits=2)
    run.value("synonym_lead_high", high, digits=2)
    run.value("listed_mean", pairs_of(everything @ everything.T).mean().item(), digits=2)


def syllables(run: Run, model: E5, raw: Tensor, centre: Tensor, words: list[str]) -> None:
    """Unrelated nouns with the same first syllable: is it the syllable or the piece?"""
    pairs = read(run, "syllables")
    names = [[row[k] for row in pairs] for k in ("first", "second")]
    table = looked_up(model, words).mean(dim=0)
    spaces = {
        "output": [unit(model.embed(column) - centre) for column in names],
        "table": [unit(looked_up(model, column) - table) for column in names],
    }
    same = torch.tensor(
        [
            bool(set(model.vocabulary.split(a)) & set(model.vocabulary.split(b)))
            for a, b in zip(*names, strict=True)
        ]
    )
    rows: list[tuple[str | float, ...]] = []
    for name, (first, second) in spaces.items():
        matrix = first @ second.T
        chance = shuffled_means(matrix, SHUFFLES, torch.Generator().manual_seed(run.seed))
        found = matrix.diagonal()
        if name == "output":
            run.value("syllable_mean", found.mean().item(), digits=2)
            run.value("syllable_others", chance.mean().item(), digits=2)
            run.value("syllable_reached", int((chance >= found.mean()).sum()))
        label = "output of the model" if name == "output" else "rows of the look-up table"
        parts = (found[same].mean().item(), found[~same].mean().item(), chance.mean().item())
        rows.append((label, *parts))
    run.value("syllable_pairs", len(pairs))
    run.value("piece_pairs", int(same.sum()))
    run.value("shuffles", SHUFFLES)
    columns = ("centred vectors", "a piece in common", "only the syllable", "paired at random")
    run.table("pieces", columns, rows, digits=2)
    columns = ("평균을 뺀 벡터", "같은 조각", "같은 글자만", "무작위 쌍")
    kinds = {"output of the model": "모델의 출력", "rows of the look-up table": "조회표의 행"}
    korean_table(run, "pieces", columns, rows, kinds, digits=2)


def gloss(row: dict[str, str]) -> str:
    """A word with its English meaning."""
    return f"{row['korean']} ({row['english']})"


# ---------------------------------------------------------------- arithmetic


def arithmetic(run: Run, raw: Tensor, centred: Tensor, words: list[dict[str, str]]) -> None:
    """love − hate + indifference: by the group's matrix, and among all words of the list."""
    signs = torch.tensor([1, 1, -1], dtype=torch.float64)
    found = combined_cosines(torch.tensor(GROUP, dtype=torch.float64), signs)
    for name, cosine in zip(("love", "indifference", "hate"), found, strict=True):
        run.value(f"sum_{name}", cosine.item(), digits=2)
    weights = torch.zeros(len(words), dtype=torch.float64)
    weights[:3] = signs
    exact = centred.double()
    near = combined_cosines(exact @ exact.T, weights)
    best = near.sort(descending=True).values
    for name, cosine in zip(("first", "second", "third"), best, strict=False):
        run.value(f"near_{name}", cosine.item(), digits=2)
    alike = raw[:3].double()
    run.value("sum_hate_raw", combined_cosines(alike @ alike.T, signs)[2].item(), digits=2)


def analogies(run: Run, model: E5, raw: Tensor) -> None:
    """capital − country + other country, over all ordered pairs of countries."""
    rows = read(run, "capitals")
    country, capital = (model.embed([row[k] for row in rows]) for k in ("country", "capital"))
    pool = torch.cat([country, capital, raw])
    run.value("analogies", len(rows) * (len(rows) - 1))
    run.value("analogy_countries", len(rows))
    run.value("analogy_pool", len(pool))
    shares: list[tuple[str | float, ...]] = []
    for name, centre in (("raw", torch.zeros(len(raw[0]))), ("centred", pool.mean(dim=0))):
        counts = analogy_counts(unit(pool - centre), len(rows))
        total = len(rows) * (len(rows) - 1)
        shares.append((name, *(100 * count / total for count in counts)))
    run.table(
        "analogies",
        ("vectors", "all words (%)", "without the three inputs (%)", "nearest to the country (%)"),
        shares,
        digits=1,
    )
    columns = ("벡터", "모든 단어(%)", "입력 셋을 빼고(%)", "나라에 가장 가까운 것(%)")
    kinds = {"raw": "그대로", "centred": "평균을 뺌"}
    korean_table(run, "analogies", columns, shares, kinds, digits=1)


# ---------------------------------------------------------------- pictures


def pictures(run: Run, centred: Tensor, words: list[str], groups: list[str]) -> None:
    """PCA and t-SNE of all words, and how many neighbours each picture keeps."""
    distances = square_distances(centred.double())
    flat = principal_components(centred)
    run.value("pca_share", 100 * flat.shares.sum().item(), digits=0, unit="%")
    shown = tsne(distances, PERPLEXITY, flat.points)
    figure = run.new_figure(72)
    left, right = figure.subplots(1, 2)
    scatter(left, flat.points, words, groups)
    left.set_title("principal components")
    scatter(right, shown.points, words, groups)
    right.set_title(f"t-SNE, perplexity {PERPLEXITY}")
    run.figure("pictures", figure)
    for name, points in (("pca", flat.points), ("tsne", shown.points)):
        kept = neighbours_kept(distances, square_distances(points), NEIGHBOURS)
        run.value(f"kept_{name}", NEIGHBOURS * kept, digits=1)
    run.value("kept_chance", NEIGHBOURS * NEIGHBOURS / (len(words) - 1), digits=1)
    run.value("perplexity", PERPLEXITY)
    run.value("neighbours", NEIGHBOURS)


def solutions(
    run: Run, model: E5, raw: Tensor, centre: Tensor, words: list[dict[str, str]]
) -> None:
    """What the solutions of the exercises quote."""
    framed = model.embed([f"나는 {word['korean']}에 대해 생각했다" for word in words])
    run.value("framed_mean", pairs_of(framed @ framed.T).mean().item(), digits=2)
    middle = framed.mean(dim=0)
    pairs = read(run, "syllables")
    first, second = (
        unit(model.embed([f"나는 {row[k]}에 대해 생각했다" for row in pairs]) - middle)
        for k in ("first", "second")
    )
    matrix = first @ second.T
    others = (matrix.sum() - matrix.trace()) / (len(matrix) * (len(matrix) - 1))
    run.value("framed_syllable", float(matrix.diagonal().mean()), digits=2)
    run.value("framed_others", float(others), digits=2)
    centred = (raw - centre).double()
    axis = torch.linalg.svd(centred, full_matrices=False).Vh[0]
    rest = unit(centred - (centred @ axis)[:, None] * axis)
    near = (rest @ rest.T).fill_diagonal_(-1)
    run.string("love_next", gloss(words[int(near[0].argmax())]))
    hits = sum(
        words[i]["group"] == words[j]["group"] for i, j in enumerate(near.argmax(dim=1).tolist())
    )
    run.value("hits_without_axis", hits)


def shared_area(one: Tensor, other: Tensor) -> float:
    """The area that two boxes (left, bottom, right, top) share."""
    sides = torch.minimum(one[2:], other[2:]) - torch.maximum(one[:2], other[:2])
    return float(sides.clamp(min=0).prod())


def scatter(axes: Axes, points: Tensor, words: list[str], groups: list[str]) -> None:
    """The words at their points, coloured by group, each label where it covers least."""
    low, high = points.amin(dim=0), points.amax(dim=0)
    spots = (points - low) / (high - low) * torch.tensor(SCATTER_PT)
    taken: list[Tensor] = [torch.cat([spot - 2, spot + 2]) for spot in spots]
    for point, spot, word, group in zip(points, spots, words, groups, strict=True):
        size = torch.tensor([7.0 * len(word), 9.0])
        corners = [torch.tensor([x, y]) for x in (1, -1) for y in (1, -1)]
        boxes = [torch.cat([spot + 2 * c + size * (c - 1) / 2, spot + 2 * c + size * (c + 1) / 2])
                 for c in corners]  # fmt: skip
        covered = [sum(shared_area(box, other) for other in taken) for box in boxes]
        best = covered.index(min(covered))
        taken.append(boxes[best])
        x, y = corners[best].tolist()
        axes.plot(*point.tolist(), "o", color=COLOURS[group], markersize=2.5)
        axes.annotate(
            word,
            point.tolist(),
            (2 * x, 2 * y),
            textcoords="offset points",
            ha="left" if x > 0 else "right",
            va="bottom" if y > 0 else "top",
            fontsize=7,
            color=COLOURS[group],
        )
    axes.set_xticks([])
    axes.set_yticks([])
    axes.margins(0.12)
