"""The project: one small model adapted by training, by low rank and by examples, and its scores."""

import csv
from dataclasses import replace
from typing import NamedTuple

import torch
from common.capitals import (
    RANKS,
    SHOTS,
    Pair,
    Taught,
    all_shots,
    draws,
    matches,
    plain_bits,
    taught_answers,
)
from common.comparison import mcnemar, wilson
from common.induction import OFF, Induction, induction
from common.lora import adapt, best_error, fitted_error, trainable
from common.scores import bleu, exact_match, rouge_l, rouge_n, token_f1
from common.tiny_gpt import Recipe, bits, fresh, restored, right, train_model
from common.tiny_runs import RECIPE, Kept, ground, pretrained
from torch import Tensor

from generator.compute.script import Run

HARBOUR, KITCHEN = "reports/week-12/data/stories.txt", "reports/project/data/kitchen.txt"
FEW = 48  # kitchen stories to learn from
SHORT = replace(RECIPE, steps=120, every=20, rate=4e-3)
WAYS = ("from scratch", "all weights", "LoRA, rank 4")


def compute(run: Run) -> None:
    """Every number, table and figure of the report, section by section."""
    harbour = run.file(HARBOUR).read_text(encoding="utf-8")
    kitchen = run.file(KITCHEN).read_text(encoding="utf-8")
    start = run.memo(pretrained, harbour, kitchen)
    moves = {way: run.memo(moved, harbour, kitchen, start.weights, way) for way in WAYS}
    pre_training(run, start, moves)
    low_rank(run)
    with run.file("data/capitals.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    test = [Pair(row["capital"], row["country"]) for row in rows if row["part"] == "test"]
    training = [Pair(row["capital"], row["country"]) for row in rows if row["part"] == "training"]
    run.value("test", len(test))
    run.value("training", len(training))
    path = run.model("smollm2")
    said = run.memo(all_shots, path, test, training)
    text = run.file("reports/week-12/data/harbour.txt").read_text(encoding="utf-8")[:1200]
    taught = {rank: run.memo(taught_answers, path, test, training, text, rank) for rank in RANKS}
    shots(run, said, test)
    heads(run, run.memo(induction, path, test, training), test)
    compared(run, said, taught, test)
    run.value("text_bits", run.memo(plain_bits, path, text), digits=3)
    with run.file("data/pairs.csv").open(encoding="utf-8", newline="") as file:
        blind(run, list(csv.DictReader(file)))


# ---------------------------------------------------------------- pre-training


class Moved(NamedTuple):
    """Training on kitchen stories: the curve, the end on both texts, trainable weights."""

    steps: list[int]
    bits: list[float]
    right: list[float]
    old_bits: float
    old_right: float
    trainable: int


def moved(harbour: str, kitchen: str, weights: dict[str, Tensor], way: str) -> Moved:
    """A tiny model brought to the kitchen's stories in one of the WAYS."""
    base = ground(harbour, kitchen)
    told = base.told(base.kitchen, FEW, 3)
    held, old = base.told(base.kitchen, 200, 4), base.told(base.harbour, 200, 2)
    recipe: Recipe = SHORT
    model = fresh(base.shape, recipe) if way == WAYS[0] else restored(base.shape, weights)
    if way.startswith("LoRA"):
        torch.manual_seed(recipe.seed)
        adapt(model, 4)
    free = trainable(model)
    found = train_model(model, told, held, recipe)
    return Moved(found.steps, found.bits, found.right, bits(model, old), right(model, old), free)


def pre_training(run: Run, start: Kept, moves: dict[str, Moved]) -> None:
    """What the first text is worth for the second, and what the second costs the first."""
    run.value("few", FEW)
    run.value("start_bits", start.bits[-1], digits=2)
    run.value("start_right", 100 * start.right[-1], digits=0, unit="%")
    run.value("before_bits", moves["all weights"].bits[0], digits=2)
    table = [
        (
            way,
            m.trainable,
            m.bits[-1],
            min(m.bits),
            100 * m.right[-1],
            m.old_bits,
            100 * m.old_right,
        )
        for way, m in moves.items()
    ]
    run.table(
        "moves",
        (
            "way",
            "trainable",
            "kitchen, bits",
            "at best",
            "answers (%)",
            "harbour, bits",
            "answers (%)",
        ),
        table,
        digits=[None, None, 2, 2, 0, 2, 0],
    )
    for key, way in zip(("scratch", "full", "lora"), WAYS, strict=True):
        run.value(f"{key}_bits", moves[way].bits[-1], digits=2)
        run.value(f"{key}_best", min(moves[way].bits), digits=2)
        run.value(f"{key}_right", 100 * moves[way].right[-1], digits=0, unit="%")
        run.value(f"{key}_old", moves[way].old_bits, digits=2)

    figure = run.new_figure(46)
    left, other = figure.subplots(1, 2, width_ratios=(1.3, 1))
    for way, m in moves.items():
        left.plot(m.steps, m.bits, "o-", label=way)
    left.set_ylim(0.4, 4.6)
    left.set_xlabel("step on kitchen stories")
    left.set_ylabel("bits per token, kitchen")
    left.legend()
    other.bar(WAYS, [m.old_bits for m in moves.values()], width=0.55)
    other.axhline(start.bits[-1], color="0.3", linestyle="--")
    other.set_yscale("log")
    other.set_ylabel("bits per token, harbour")
    other.grid(visible=False, axis="x")
    run.figure("moves", figure)


# ---------------------------------------------------------------- low rank


def rank_four(width: int, seed: int) -> Tensor:
    """(width, width): a change of rank 4, the product of two random thin matrices."""
    source = torch.Generator().manual_seed(seed)
    return torch.randn(width, 4, generator=source) @ torch.randn(4, width, generator=source)


def low_rank(run: Run) -> None:
    """LoRA on a change of rank 4: what gradient descent reaches, and what is possible."""
    change = rank_four(64, run.seed)
    ranks = (1, 2, 3, 4, 8)
    best = [best_error(change, rank) for rank in ranks]
    found = [run.memo(fitted_error, change, rank, 600, 0.05, run.seed) for rank in ranks]
    run.table(
        "ranks",
        ("rank", "numbers", "least error", "found by Adam"),
        [(rank, rank * 128, b, f) for rank, b, f in zip(ranks, best, found, strict=True)],
        digits=[None, None, 3, 3],
    )
    run.value("gap", max(abs(b - f) for b, f in zip(best[:3], found[:3], strict=True)))
    run.value("full_numbers", change.numel())

    # Other draws of the same kind: how much do the numbers hang on the seed?
    spread = torch.tensor(
        [[best_error(rank_four(64, seed), rank) for rank in (1, 2)] for seed in range(200)]
    )
    for column, rank in enumerate((1, 2)):
        run.value(f"spread_{rank}_low", spread[:, column].min().item(), digits=2)
        run.value(f"spread_{rank}_high", spread[:, column].max().item(), digits=2)

    figure = run.new_figure(42)
    axes = figure.subplots()
    axes.plot(ranks, best, color="0.6", label="least possible")
    axes.plot(ranks, found, "o", label="found by Adam")
    axes.axvline(4, color="0.8", linestyle="--", zorder=0)
    axes.set_xlabel("rank of the adapter")
    axes.set_ylabel("error left")
    axes.legend()
    run.figure("ranks", figure)


# ---------------------------------------------------------------- in context


def shots(run: Run, said: dict[str, list[str]], test: list[Pair]) -> None:
    """The score against the number of examples."""
    shares = []
    for count in SHOTS:
        tries = [said[f"{count}/{draw}"] for draw in range(draws(count))]
        each = [sum(matches(answers, test)) / len(test) for answers in tries]
        shares.append(each)
        run.value(f"shots_{count}", 100 * sum(each) / len(each), digits=0, unit="%")
    low, high = wilson(sum(matches(said["8/0"], test)), len(test))
    run.value("eight_low", 100 * low, digits=0)
    run.value("eight_high", 100 * high, digits=0, unit="%")
    wrong = [
        (pair.capital, answer)
        for pair, answer in zip(test, said["1/0"], strict=True)
        if exact_match(answer, pair.sentence) == 0
    ]
    run.string("wrong_input", wrong[0][0])
    run.string("wrong_answer", wrong[0][1])

    figure = run.new_figure(44)
    axes = figure.subplots()
    places = range(len(SHOTS))
    axes.plot(places, [100 * sum(each) / len(each) for each in shares], color="#0072B2")
    for place, each in zip(places, shares, strict=True):
        axes.plot([place] * len(each), [100 * share for share in each], "o", color="#0072B2")
    axes.set_xticks(list(places), [str(count) for count in SHOTS])
    axes.set_xlabel("examples in the context")
    axes.set_ylabel("exact matches (%)")
    axes.set_ylim(-4, 104)
    run.figure("shots", figure)


# ---------------------------------------------------------------- induction heads


def heads(run: Run, found: Induction, test: list[Pair]) -> None:
    """Where induction heads are, and what depends on them."""
    flat = found.scores.flatten()
    best = int(flat.argmax())
    run.value("best_layer", best // found.scores.shape[1])
    run.value("best_head", best % found.scores.shape[1])
    run.value("best_score", 100 * flat.max().item(), digits=0, unit="%")
    run.value("above_third", int((flat > 1 / 3).sum()))
    run.value("heads", len(flat))
    run.value("off", OFF)
    rows: list[tuple[str, float, float, float]] = []
    names = ("all heads", f"without {OFF} induction heads", f"without {OFF} others")
    for name, first, second, answers in zip(
        names, found.first_bits, found.second_bits, found.answers, strict=True
    ):
        rows.append((name, first, second, 100 * sum(matches(answers, test)) / len(test)))
    run.table(
        "heads_off",
        ("model", "first copy, bits", "second copy, bits", "exact matches, 4 examples (%)"),
        rows,
        digits=[None, 1, 1, 0],
    )
    for key, row in zip(("all", "top", "others"), rows, strict=True):
        run.value(f"{key}_second", row[2], digits=1)
        run.value(f"{key}_exact", row[3], digits=0, unit="%")

    figure = run.new_figure(40)
    axes = figure.subplots()
    image = axes.imshow(100 * found.scores.T, aspect="auto", cmap="Blues", vmin=0)
    axes.set_xlabel("block")
    axes.set_ylabel("head")
    axes.grid(visible=False)
    figure.colorbar(image, ax=axes, label="induction weight (%)")
    run.figure("heads", figure)


# ---------------------------------------------------------------- the real model, trained


def scored(answers: list[str], test: list[Pair]) -> tuple[float, float, float, float, float]:
    """Exact match, F1, BLEU, ROUGE-L, and "the country is named", each in per cent."""
    wanted = [pair.sentence for pair in test]
    both = list(zip(answers, wanted, strict=True))
    named = [pair.country in answer for answer, pair in zip(answers, test, strict=True)]
    parts = (
        sum(exact_match(*pair) for pair in both) / len(both),
        sum(token_f1(*pair) for pair in both) / len(both),
        bleu(answers, wanted),
        sum(rouge_l(*pair) for pair in both) / len(both),
        sum(named) / len(both),
    )
    first, second, third, fourth, fifth = (100 * part for part in parts)
    return first, second, third, fourth, fifth


def compared(
    run: Run, said: dict[str, list[str]], taught: dict[int, Taught], test: list[Pair]
) -> None:
    """All ways side by side, by every score."""
    named = {
        "as it comes": (said["0/0"], 0),
        "1 example": (said["1/0"], 0),
        "8 examples": (said["8/0"], 0),
        **{f"LoRA, rank {rank}": (t.answers, t.weights) for rank, t in taught.items()},
        "LoRA, rank 16, 4 examples": (taught[16].with_shots, taught[16].weights),
    }
    rows = [(name, free, *scored(answers, test)) for name, (answers, free) in named.items()]
    run.table(
        "compared",
        ("way", "trained", "exact", "F1", "BLEU", "ROUGE-L", "country named"),
        rows,
        digits=[None, None, 0, 0, 0, 0, 0],
    )
    keys = ("plain", "one", "eight", "lora_1", "lora_4", "lora_16", "both")
    for key, row in zip(keys, rows, strict=True):
        run.value(f"{key}_exact", row[2], digits=0, unit="%")
        run.value(f"{key}_f1", row[3], digits=0, unit="%")
        run.value(f"{key}_named", row[6], digits=0, unit="%")
        begun = [
            f"{p.capital} is the capital of " in a
            for a, p in zip(named[row[0]][0], test, strict=True)
        ]
        shaped = sum(" is the capital of " in answer for answer in named[row[0]][0])
        run.value(f"{key}_shape", 100 * shaped / len(test), digits=0, unit="%")
        run.value(f"{key}_copied", 100 * sum(begun) / len(test), digits=0, unit="%")
    eight, rank_16 = matches(said["8/0"], test), matches(taught[16].answers, test)
    run.value("disagree", sum(a != b for a, b in zip(eight, rank_16, strict=True)))
    only_eight = sum(a and not b for a, b in zip(eight, rank_16, strict=True))
    only_trained = sum(b and not a for a, b in zip(eight, rank_16, strict=True))
    run.value("only_eight", only_eight)
    run.value("only_trained", only_trained)
    run.value("mcnemar", mcnemar(only_eight, only_trained))
    for rank, t in taught.items():
        run.value(f"loss_first_{rank}", t.losses[0], digits=2)
        run.value(f"loss_last_{rank}", t.losses[-1], digits=2)
        run.value(f"text_bits_{rank}", t.text_bits, digits=3)
        run.value(f"weights_{rank}", t.weights)
    wrong = next(
        (pair, answer)
        for pair, answer in zip(test, taught[16].answers, strict=True)
        if pair.country not in answer and f"{pair.capital} is the capital of " in answer
    )
    run.string("lora_wrong_input", wrong[0].capital)
    run.string("lora_wrong", wrong[1])

    figure = run.new_figure(54)
    axes = figure.subplots()
    width = 0.2
    for i, (label, column) in enumerate((("exact", 2), ("F1", 3), ("BLEU", 4), ("ROUGE-L", 5))):
        places = [place + (i - 1.5) * width for place in range(len(rows))]
        axes.bar(places, [float(row[column]) for row in rows], width=width, label=label)
    axes.set_xticks(range(len(rows)), [row[0].replace(", ", ",\n", 1) for row in rows])
    axes.set_ylabel("score (%)")
    axes.set_ylim(0, 118)
    axes.grid(visible=False, axis="x")
    axes.legend(ncols=4, loc="upper left")
    run.figure("compared", figure)


# ---------------------------------------------------------------- what scores miss


def blind(run: Run, pairs: list[dict[str, str]]) -> None:
    """Pairs of sentences that fool a score, in both directions."""
    rows: list[tuple[str, str, str, float, float, float, float]] = []
    for number, pair in enumerate(pairs):
        texts = pair["candidate"], pair["reference"]
        found = (
            token_f1(*texts),
            bleu([texts[0]], [texts[1]], longest=2),
            rouge_n(*texts, 2),
            rouge_l(*texts),
        )
        rows.append((pair["what"], *texts, *found))
        run.value(f"blind_f1_{number}", found[0], digits=2)
        run.value(f"blind_l_{number}", found[3], digits=2)
    run.table(
        "blind",
        ("what", "text", "reference", "F1", "BLEU-2", "ROUGE-2", "ROUGE-L"),
        rows,
        digits=[None, None, None, 2, 2, 2, 2],
    )
