"""Week 2: how many questions a verdict needs, and a bench on which that can be watched."""

import math
import random
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from common import comparison
from common.bench import (
    Ngram,
    Question,
    Record,
    anywhere,
    asked,
    first_word,
    graded,
    read_questions,
    sampled,
)
from common.choices import rotations
from common.comparison import Array, quantile, wilson
from common.in_korean import korean_table
from common.smollm2 import load_smollm2
from common.triangles import draw_triangle, largest_area, satisfying_triangles
from common.yardsticks import reliability
from matplotlib.axes import Axes
from numpy.typing import NDArray

from generator.compute.script import Run

REPEATS = 4
DRAWS = 10_000  # random signs of a paired test
REFITS = 200  # bench drawn anew for the spread of the ratings, and orders of the games


class Contestant(NamedTuple):
    """A way to ask SmolLM2. style: plain, examples or chat; tokens: most of a reply."""

    label: str
    style: str
    temperature: float
    tokens: int


SMOL = {
    "plain0": Contestant("plain, T = 0", "plain", 0.0, 6),
    "plain": Contestant("plain, T = 0.7", "plain", 0.7, 6),
    "hot": Contestant("plain, T = 1.5", "plain", 1.5, 6),
    "shots0": Contestant("examples, T = 0", "examples", 0.0, 6),
    "shots": Contestant("examples, T = 0.7", "examples", 0.7, 6),
    "chat": Contestant("chat, T = 0.7", "chat", 0.7, 14),
}
LABELS = {"unigram": "unigram", "trigram": "trigram"} | {k: c.label for k, c in SMOL.items()}
IN_KOREAN = {
    "unigram": "유니그램",
    "trigram": "트라이그램",
    "plain": "예시 없음",
    "examples": "예시",
    "chat": "대화",
}
PAIRS = (("shots", "plain"), ("plain0", "plain"), ("shots0", "shots"), ("trigram", "plain0"))
OPTIONS = tuple(range(3, 8))  # the exam's five answers are these multiples of 6 + 5√3


def compute(run: Run) -> None:
    """Every number, table and figure of the report, section by section."""
    path = run.model("smollm2")
    questions = read_questions(run.file("data/questions.csv").read_text(encoding="utf-8"))
    examples = run.file("data/examples.txt").read_text(encoding="utf-8")
    training = run.file("data/training.txt").read_text(encoding="utf-8")
    statement = run.file("data/csat.txt").read_text(encoding="utf-8").strip()
    answers = [f"{6 * multiple}+{5 * multiple}√3" for multiple in OPTIONS]
    exam(run)
    positions(run, run.memo(rotations, path, statement, answers))
    intervals(run)
    power(run)
    source = random.Random(run.seed)
    records = {
        "unigram": Ngram(training, 1).record(questions, REPEATS, source),
        "trigram": Ngram(training, 3).record(questions, REPEATS, source),
    }
    for name, contestant in SMOL.items():
        prompts = [asked(contestant.style, question, examples) for question in questions]
        records[name] = run.memo(replies, path, prompts, *contestant[2:])
    seen = np.array([question.prompt.lower() in training.lower() for question in questions])
    scores = {n: np.array(graded(r, questions, first_word)) for n, r in records.items()}
    loose = {n: np.array(graded(r, questions, anywhere)) for n, r in records.items()}
    bench(run, questions, records, scores, loose, seen)
    repeats(run, scores)
    tests(run, scores)
    ratings(run, loose)
    calibration(run, records, scores)


# ---------------------------------------------------------------- what the model is asked


def replies(path: Path, prompts: list[str], temperature: float, count: int) -> Record:
    """What SmolLM2 says REPEATS times to every prompt."""
    source = torch.Generator().manual_seed(torch.initial_seed())
    return sampled(load_smollm2(path), prompts, REPEATS, count, temperature, source)


# ---------------------------------------------------------------- the exam question


def exam(run: Run) -> None:
    """The triangle found by search, the largest area by trying every point of the circle."""
    found = satisfying_triangles()
    triangle = found[0]
    areas, best = largest_area(triangle)
    run.value("triangles", len(found))
    for side in ("a", "b", "c"):
        run.value(f"side_{side}", getattr(triangle, side) / math.sqrt(3), digits=6)
    run.value("exam_tried", len(areas))
    run.value("exam_found", best, digits=6)
    run.value("exam_exact", 36 + 30 * math.sqrt(3), digits=6)
    unit = 6 + 5 * math.sqrt(3)
    for multiple in OPTIONS:
        run.value(f"option_{multiple}", multiple * unit, digits=2)
    figure = run.new_figure(39)
    left, right = figure.subplots(1, 2, width_ratios=(1, 1.15))
    draw_triangle(left, triangle)
    degrees = np.linspace(0, 360, len(areas), endpoint=False)
    right.plot(degrees, areas)
    for number, multiple in enumerate(OPTIONS, 1):
        right.axhline(multiple * unit, color="0.6", linestyle=":", linewidth=0.8)
        right.text(362, multiple * unit, f"({number})", fontsize=7, va="center")
    right.set_xlim(0, 360)
    right.set_xticks(range(0, 361, 90))
    right.set_ylim(0, 108)
    right.set_xlabel("direction of P seen from A, degrees")
    right.set_ylabel("area of PBC")
    run.figure("exam", figure)


def positions(run: Run, p: list[list[float]]) -> None:
    """Where the small model puts its answer when the five answers change places."""
    chosen = [max(range(5), key=row.__getitem__) for row in p]
    right = [OPTIONS[(place + shift) % 5] == 6 for shift, place in enumerate(chosen)]
    run.value("rotations_right", sum(right))
    run.string("rotations_chosen", ", ".join("ABCDE"[place] for place in chosen))
    mean = np.array(p).mean(axis=0)
    run.value("place_most", float(mean.max()), digits=2)


# ---------------------------------------------------------------- intervals and power


def intervals(run: Run) -> None:
    """Intervals for one answer and for a share of 0.8, and how often they hold the truth."""
    for n in (20, 100):
        low, high = wilson(0.8 * n, n)
        run.value(f"wilson_{n}_low", low, digits=2)
        run.value(f"wilson_{n}_high", high, digits=2)
    run.value("one_of_one", wilson(1, 1)[0], digits=3)
    run.value("z", quantile(0.95), digits=2)
    run.value("rights_needed", math.floor(9 * quantile(0.95) ** 2) + 1)
    for name, kind in (("textbook", comparison.wald), ("wilson", wilson)):
        run.value(f"coverage_90_{name}", comparison.coverage(kind, 20, 0.9), digits=3)


def draw_coverage(axes: Axes) -> None:
    """How often both kinds of interval from 20 questions hold the truth."""
    shares = np.linspace(0.02, 0.98, 481)
    for colour, name, kind in (("C1", "textbook", comparison.wald), ("C0", "Wilson", wilson)):
        held = [comparison.coverage(kind, 20, float(p)) for p in shares]
        axes.plot(shares, held, color=colour, label=name, linewidth=0.9)
    axes.axhline(0.95, color="0.4", linestyle=":")
    axes.set_ylim(0.6, 1.01)
    axes.set_xlabel("true accuracy p")
    axes.set_ylabel("intervals that hold p")
    axes.legend(loc="lower center")


def power(run: Run) -> None:
    """Chance to see 80 % against 70 %, on separate and on common questions."""
    p, q = 0.8, 0.7

    def separate(n: int) -> float:
        return comparison.power_unpaired(p, q, n)

    def common(n: int, rho: float) -> float:
        return comparison.power_paired(*comparison.apart(p, q, rho), n)

    tried = (20, 100, 300)
    for n in tried:
        run.value(f"power_{n}", separate(n), digits=2)
    run.value("needed", comparison.needed(separate))
    run.value("needed_03", comparison.needed(lambda n: common(n, 0.3)))
    run.value("needed_06", comparison.needed(lambda n: common(n, 0.6)))
    run.value("needed_close", comparison.needed(lambda n: comparison.power_unpaired(0.8, 0.78, n)))
    counts = np.unique(np.geomspace(5, 2000, 120).astype(int))
    figure = run.new_figure(41)
    left, axes = figure.subplots(1, 2)
    draw_coverage(left)
    axes.semilogx(counts, [separate(n) for n in counts], label="separate")
    exact = [comparison.exact_power_unpaired(p, q, n) for n in tried]
    axes.semilogx(tried, exact, "x", color="0.2")
    for colour, style, rho in (("C1", "--", 0.3), ("C2", "-.", 0.6)):
        label = f"common, ρ = {rho}"
        axes.semilogx(counts, [common(n, rho) for n in counts], style, color=colour, label=label)
    axes.axhline(0.8, color="0.5", linestyle=":")
    axes.set_xticks([10, 100, 1000], ["10", "100", "1000"])
    axes.set_ylim(0, 1.02)
    axes.set_xlabel("questions for each model")
    axes.set_ylabel("chance to see it")
    axes.legend(fontsize=6.5)
    run.figure("power", figure)


# ---------------------------------------------------------------- the bench


def bench(
    run: Run,
    questions: list[Question],
    records: dict[str, Record],
    scores: dict[str, Array],
    loose: dict[str, Array],
    seen: NDArray[np.bool_],
) -> None:
    """Accuracy of every contestant by both rules, and the whole record as a picture."""
    n = len(questions)
    run.value("questions", n)
    run.value("repeats", REPEATS)
    run.value("seen", int(seen.sum()))
    rows = []
    for name, label in LABELS.items():
        mean, error = float(scores[name].mean()), comparison.question_error(scores[name])
        low, high = wilson(mean * n, n)
        held = f"{100 * low:.0f} to {100 * high:.0f}"
        rows.append((label, 100 * mean, 100 * error, held, 100 * float(loose[name].mean())))
        run.value(f"score_{name}", mean, digits=2)
        run.value(f"loose_{name}", float(loose[name].mean()), digits=2)
    columns = ("contestant", "first word", "error", "interval", "anywhere")
    run.table("bench", columns, rows, digits=[None, 1, 1, None, 1])
    columns = ("참가자", "첫 단어", "오차", "구간", "어디든")
    words = {label: in_korean(label) for label in LABELS.values()}
    korean_table(run, "bench", columns, rows, words, digits=[None, 1, 1, None, 1])
    transcripts(run, questions, records, scores)
    for name in ("trigram", "plain0", "shots0"):
        run.value(f"{name}_seen", float(scores[name][seen].mean()), digits=2)
        run.value(f"{name}_unseen", float(scores[name][~seen].mean()), digits=2)
    prompts = [question.prompt for question in questions]
    run.string("chat_peru", records["chat"].replies[prompts.index("The capital of Peru is")][0])
    figure = run.new_figure(43)
    axes = figure.add_subplot()
    grid = np.stack([scores[name].mean(axis=1) for name in LABELS])
    image = axes.imshow(grid, aspect="auto", cmap="Blues", vmin=0, vmax=1)
    axes.grid(visible=False)
    axes.set_yticks(range(len(LABELS)), list(LABELS.values()))
    kinds = list(dict.fromkeys(question.kind for question in questions))
    width = n // len(kinds)
    axes.set_xticks([width * (i + 0.5) - 0.5 for i in range(len(kinds))], kinds)
    axes.tick_params(axis="x", length=0)
    for place in range(width, n, width):
        axes.axvline(place - 0.5, color="0.2", linewidth=0.8)
    axes.plot(np.flatnonzero(seen), [-0.75] * int(seen.sum()), "v", color="C1", markersize=3)
    axes.set_ylim(len(LABELS) - 0.5, -1.1)
    figure.colorbar(image, ax=axes, label="share right", shrink=0.9)
    run.figure("bench", figure)


def in_korean(label: str) -> str:
    """The label of a contestant, or of a difference of two, in Korean."""
    for word, korean in IN_KOREAN.items():
        label = label.replace(word, korean)
    return label


def transcripts(
    run: Run, questions: list[Question], records: dict[str, Record], scores: dict[str, Array]
) -> None:
    """What four contestants really replied to the first question of each kind, word for word."""
    kinds = list(dict.fromkeys(question.kind for question in questions))
    firsts = [next(i for i, q in enumerate(questions) if q.kind == kind) for kind in kinds]
    rows = []
    for index in firsts:
        row = [questions[index].prompt + " …"]
        for name in ("trigram", "plain0", "shots0", "chat"):
            mark = " ✓" if scores[name][index, 0] else ""
            row.append(" ".join(records[name].replies[index][0].split()) + mark)
        rows.append(tuple(row))
    columns = ("beginning", *(LABELS[name] for name in ("trigram", "plain0", "shots0", "chat")))
    run.table("replies", columns, rows)
    korean_table(run, "replies", ("앞부분", *map(in_korean, columns[1:])), rows)


def repeats(run: Run, scores: dict[str, Array]) -> None:
    """What repeats and what questions do to the error of a score."""
    found, n = comparison.spread(scores["shots"]), len(scores["shots"])
    run.value("between", found.between, digits=3)
    run.value("within", found.within, digits=3)
    for k in (1, REPEATS):
        run.value(f"error_{k}", found.error(n, k), digits=3)
    run.value("error_ever", math.sqrt(found.between / n), digits=3)
    run.value("error_600", found.error(600, 1), digits=3)
    run.value("error_150", found.error(150, REPEATS), digits=3)
    run.value("error_twice", found.error(2 * n, 1), digits=3)
    mean = float(scores["shots"].mean())
    run.value("error_naive", math.sqrt(mean * (1 - mean) / (n * REPEATS)), digits=3)


def tests(run: Run, scores: dict[str, Array]) -> None:
    """Differences of contestants, with their errors as pairs and as strangers."""
    source = np.random.default_rng(run.seed)
    names = list(LABELS)
    every = {
        frozenset((a, b)): comparison.sign_flip((scores[a] - scores[b]).mean(1), DRAWS, source)
        for a, b in combinations(names, 2)
    }
    raised = dict(zip(every, comparison.holm(list(every.values())), strict=True))
    rows = []
    for first, second in PAIRS:
        difference = scores[first] - scores[second]
        pair = frozenset((first, second))
        strangers = math.hypot(*(comparison.question_error(scores[n]) for n in (first, second)))
        apart_by, paired = float(difference.mean()), comparison.question_error(difference)
        label = f"{LABELS[first]} – {LABELS[second]}"
        rows.append((label, apart_by, strangers, paired, every[pair], raised[pair]))
        key = f"{first}_{second}"
        run.value(f"paired_{key}", paired, digits=3)
        run.value(f"strangers_{key}", strangers, digits=3)
        run.value(f"p_{key}", every[pair], digits=3)
        run.value(f"holm_{key}", raised[pair], digits=2)
    columns = ("difference", "size", "error, apart", "error, paired", "p", "p, Holm")
    run.table("tests", columns, rows, digits=[None, 3, 3, 3, 4, 3])
    columns = ("차이", "크기", "오차(따로)", "오차(짝)", "$p$", "$p$(홀름)")
    words = {row[0]: in_korean(row[0]) for row in rows}
    korean_table(run, "tests", columns, rows, words, digits=[None, 3, 3, 3, 4, 3])
    run.value("family", len(every))
    run.value("holm_prompts", raised[frozenset(("shots0", "plain0"))], digits=2)
    a, b = scores["shots0"][:, 0] > 0, scores["plain0"][:, 0] > 0
    run.value("only_shots", int((a & ~b).sum()))
    run.value("only_plain", int((b & ~a).sum()))
    run.value("p_mcnemar", comparison.mcnemar(int((a & ~b).sum()), int((b & ~a).sum())), digits=4)


# ---------------------------------------------------------------- ratings


def ratings(run: Run, scores: dict[str, Array]) -> None:
    """Elo points of the contestants that can be rated, and how far they can be trusted."""
    names = [name for name in LABELS if scores[name].any()]
    run.value("unigram_wins", int(scores["unigram"].sum()))
    source = np.random.default_rng(run.seed)
    games = comparison.played([scores[name] for name in names])
    fitted = comparison.bradley_terry(comparison.results_table(games, len(names)))
    n = len(scores["plain"])
    refits = []
    for _ in range(REFITS):
        rows = source.integers(n, size=n)
        again = comparison.played([scores[name][rows] for name in names])
        refits.append(comparison.bradley_terry(comparison.results_table(again, len(names))))
    low, high = np.quantile(refits, [0.025, 0.975], axis=0)
    shuffled = ([games[i] for i in source.permutation(len(games))] for _ in range(REFITS))
    orders = np.array([comparison.elo(order, len(names)) for order in shuffled])
    run.value("games", len(games))
    first, last = np.quantile(orders, [0.025, 0.975], axis=0)
    run.value("wobble", float((last - first).mean()), digits=0)
    run.value("refit_width", float((high - low).mean()), digits=0)
    run.value("win_100", comparison.expected_score(100), digits=2)
    run.value("win_400", comparison.expected_score(400), digits=2)
    run.value("per_root", 2 * comparison.ELO_SCALE, digits=0)
    run.value("games_20", (quantile(0.95) * 2 * comparison.ELO_SCALE / 20) ** 2, digits=0)
    figure = run.new_figure(43)
    left, right = figure.subplots(1, 2, width_ratios=(1, 1.25))
    few_and_many(run, left, source)
    order = np.argsort(fitted)
    height = np.arange(len(names))
    middle = np.array(fitted)[order]
    right.hlines(height, low[order], high[order], color="C0", linewidth=1.5)
    right.plot(middle, height, "o", color="C0", label="Bradley–Terry")
    right.hlines(
        height - 0.25, first[order], last[order], color="C1", linewidth=1.5, label="Elo, 200 orders"
    )
    right.set_yticks(height, [LABELS[names[i]] for i in order])
    right.set_xlabel("Elo points")
    right.legend(loc="upper left", fontsize=6.5)
    run.figure("ratings", figure)


def few_and_many(run: Run, axes: Axes, source: np.random.Generator) -> None:
    """Ratings of four players whose strengths are known, from more and more games."""
    true = (-100.0, -25.0, 25.0, 100.0)
    for count in (10, 100, 1000):
        fits = comparison.simulated_ratings(true, count, REFITS, source)
        swapped = float((fits[:, 1] > fits[:, 2] + 1e-6).mean())
        run.value(f"swapped_{count}", 100 * swapped, digits=1, unit="%")
        low, high = np.quantile(fits, [0.025, 0.975], axis=0)
        for player in range(4):
            shift = 10 ** (0.05 * (player - 1.5))
            axes.vlines(count * shift, low[player], high[player], color=f"C{player}")
    for player, level in enumerate(true):
        axes.axhline(level, color=f"C{player}", linestyle=":", linewidth=0.8)
    axes.set_xscale("log")
    axes.set_xticks([10, 100, 1000], ["10", "100", "1000"])
    axes.set_xlabel("games of each pair")
    axes.set_ylabel("Elo points")


# ---------------------------------------------------------------- calibration


def calibration(run: Run, records: dict[str, Record], scores: dict[str, Array]) -> None:
    """Stated against true accuracy of two contestants, and what chance alone would show."""
    source = np.random.default_rng(run.seed)
    figure = run.new_figure(37)
    left, right = figure.subplots(1, 2)
    left.plot([0, 1], [0, 1], color="0.5", linestyle=":")
    for line, name in enumerate(("plain0", "shots0")):
        said, came = np.array(records[name].sure), scores[name][:, 0]
        run.value(f"brier_{name}", comparison.brier(said, came), digits=3)
        run.value(f"gap_{name}", comparison.calibration_error(said, came), digits=3)
        honest = comparison.honest_errors(said, 1000, source)
        run.value(f"gap_honest_{name}", float(np.mean(honest)), digits=3)
        run.value(f"gap_high_{name}", float(np.quantile(honest, 0.95)), digits=3)
        rows = reliability(torch.tensor(said), torch.tensor(came) > 0, bins=5)
        x = [row[1] + 0.012 * line for row in rows]
        y = np.array([row[2] for row in rows])
        ends = np.array([wilson(row[2] * row[0], row[0]) for row in rows])
        bars = np.clip(np.stack([y - ends[:, 0], ends[:, 1] - y]), 0, None)
        left.errorbar(x, y, yerr=bars, fmt="os"[line], capsize=2)
        right.hist(honest, bins=np.linspace(0, 0.3, 31).tolist(), color=f"C{line}", alpha=0.5)
        right.axvline(
            comparison.calibration_error(said, came),
            color=f"C{line}",
            linestyle="--",
            label=LABELS[name],
        )
    left.set_xlabel("probability stated")
    left.set_ylabel("share right")
    right.set_ylim(0, 250)
    right.legend(loc="upper left", ncols=2, fontsize=6.5)
    right.set_xlabel("calibration error")
    right.set_ylabel("of 1000 honest")
    run.figure("calibration", figure)
