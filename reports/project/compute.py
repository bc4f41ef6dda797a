"""The project: one small model adapted by training, by low rank and by examples, and its scores."""

import csv
from collections.abc import Sequence
from statistics import mean

import torch
from common.capitals import (
    RANKS,
    SEEDS,
    SHOTS,
    Marks,
    Pair,
    Shots,
    Taught,
    shots,
    split,
    taught,
)
from common.comparison import mcnemar
from common.in_korean import korean_table
from common.induction import OFF, Induction, induction
from common.lora import best_error, fitted_error
from common.moves import FEW, RANK, RATES, WAYS, Moved, moved
from common.paired import paired
from common.scores import bleu, exact_match, rouge_l, rouge_n, token_f1
from common.tiny_runs import Tuned
from common.tiny_runs import taught as pretrained
from torch import Tensor

from generator.compute.script import Run

HARBOUR, KITCHEN = "reports/week-12/data/stories.txt", "reports/project/data/kitchen.txt"
IN_KOREAN = {
    "from scratch": "처음부터",
    "all weights": "모든 가중치",
    "LoRA and embeddings": "LoRA와 임베딩",
    "1 example": "예시 1개",
    "4 examples": "예시 4개",
    "8 examples": "예시 8개",
    "LoRA, rank 1": "LoRA, 랭크 1",
    "LoRA, rank 16": "LoRA, 랭크 16",
    "LoRA, rank 16, and 4 examples": "LoRA, 랭크 16, 예시 4개",
    "the same sentence always": "언제나 같은 문장",
    "one name wrong": "이름 하나가 틀림",
    "a missing not": "빠진 not",
    "who did it to whom": "누가 누구에게",
    "other words": "다른 표현",
    "more exact": "더 정확한 답",
    "a list without sense": "뜻 없는 나열",
}
PARTS = ("copied", "formed", "known", "exact")


def compute(run: Run) -> None:
    """Every number, table and figure of the report, section by section."""
    harbour = run.file(HARBOUR).read_text(encoding="utf-8")
    kitchen = run.file(KITCHEN).read_text(encoding="utf-8")
    start = run.memo(pretrained, harbour, kitchen)
    starts = [kept.weights for kept in start.runs]
    moves = {way: run.memo(moved, harbour, kitchen, starts, way) for way in WAYS}
    pre_training(run, start, moves)
    low_rank(run)
    capitals(run)
    with run.file("data/pairs.csv").open(encoding="utf-8", newline="") as file:
        blind(run, list(csv.DictReader(file)))


def capitals(run: Run) -> None:
    """The real model: examples, induction heads, adapters, and all of them compared."""
    with run.file("data/capitals.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    sets = split([Pair(row["capital"], row["country"]) for row in rows])
    training, development, test = sets
    run.value("training", len(training))
    run.value("development", len(development))
    run.value("test", len(test))
    path = run.model("smollm2")
    text = run.file("reports/week-12/data/harbour.txt").read_text(encoding="utf-8")[:1200]
    frozen = run.memo(shots, path, test, training, text)
    examples(run, frozen, test)
    heads(run, run.memo(induction, path, test, training))
    ranks = {rank: run.memo(taught, path, sets, text, rank, fully=rank == 16) for rank in RANKS}
    compared(run, frozen, ranks, test)
    written(run, frozen, ranks[16], test)


# ---------------------------------------------------------------- pre-training


def pre_training(run: Run, start: Tuned, moves: dict[str, Moved]) -> None:
    """What the first text is worth for the second, and what the second costs the first."""
    run.value("few", FEW)
    run.value("adapter_rank", RANK)
    run.string("move_rates", ", ".join(f"{rate:g}" for rate in RATES))
    run.value("start_bits", mean(k.test_bits for k in start.runs), digits=2, runs=len(SEEDS))
    run.value("before_bits", mean(c[0] for c in moves["all weights"].curves), digits=1)
    columns = ("way", "trained weights", "rate", "kitchen, bits", "answers (%)", "harbour, bits")
    in_korean = ("방법", "학습한 가중치", "학습률", "부엌(비트)", "정답(%)", "항구(비트)")
    rows = [
        (
            way,
            m.trainable,
            f"{m.rate:g}",
            mean(m.bits),
            100 * mean(m.right),
            mean(m.old_bits),
        )
        for way, m in moves.items()
    ]
    digits = [None, None, None, 2, 0, 1]
    run.table("moves", columns, rows, digits=digits, runs=len(SEEDS))
    korean_table(run, "moves", in_korean, rows, IN_KOREAN, digits, len(SEEDS))
    whole = moves["all weights"]
    gaps = {
        "scratch": paired(moves["from scratch"].bits, whole.bits),
        "lora": paired(moves["LoRA"].bits, whole.bits),
        "both": paired(moves["LoRA and embeddings"].bits, whole.bits),
        "old": paired(moves["LoRA"].old_bits, whole.old_bits),
    }
    for key, gap in gaps.items():
        run.string(f"gap_{key}", gap.text(2))
    answers = paired(
        [100 * share for share in whole.right],
        [100 * share for share in moves["from scratch"].right],
    )
    run.string("gap_answers", answers.text(0))

    figure = run.new_figure(46)
    left, other = figure.subplots(1, 2, width_ratios=(1.3, 1))
    for index, (way, m) in enumerate(moves.items()):
        middle = [mean(column) for column in zip(*m.curves, strict=True)]
        for curve in m.curves:
            left.plot(m.steps, curve, color=f"C{index}", linewidth=0.5, alpha=0.4)
        left.plot(m.steps, middle, "o-", color=f"C{index}", label=way)
        other.plot([index] * len(m.old_bits), m.old_bits, "o", color=f"C{index}", markersize=4)
    left.set_ylim(0.4, 4.6)
    left.set_xlabel("step on kitchen stories")
    left.set_ylabel("bits per token, kitchen")
    left.legend()
    other.axhline(mean(k.test_bits for k in start.runs), color="0.3", linestyle="--")
    other.set_yscale("log")
    other.set_xticks(range(len(WAYS)), [way.replace(" ", "\n", 1) for way in WAYS])
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
    rows = [(rank, rank * 128, b, f) for rank, b, f in zip(ranks, best, found, strict=True)]
    digits = [None, None, 3, 3]
    run.table("ranks", ("rank", "numbers", "least error", "found by Adam"), rows, digits)
    columns = ("랭크", "수의 개수", "가장 작은 오차", "Adam의 오차")
    korean_table(run, "ranks", columns, rows, digits=digits)
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


def share(marks: Sequence[Marks], part: str) -> list[float]:
    """Per cent of the questions that get `part` right, by seed."""
    return [100 * mean(getattr(mark, part)) for mark in marks]


def by_question(marks: Sequence[Marks], part: str) -> list[float]:
    """For each question the per cent of the seeds that get `part` right."""
    return [100 * mean(each) for each in zip(*(getattr(m, part) for m in marks), strict=True)]


def examples(run: Run, found: Shots, test: list[Pair]) -> None:
    """The score against the number of examples, part by part."""
    for count in SHOTS:
        for part in ("exact", "known"):
            run.value(
                f"{part}_{count}",
                mean(share(found.marks[count], part)),
                digits=0,
                unit="%",
                runs=len(found.marks[count]),
            )
    ones = share(found.marks[1], "exact")
    run.value("one_low", min(ones), digits=0)
    run.value("one_high", max(ones), digits=0, unit="%")
    run.string("two_eight", paired(*(by_question(found.marks[n], "exact") for n in (8, 2))).text(0))
    run.string("plain_input", test[0].capital)
    run.string("plain_answer", found.written[0][0] or "(nothing)")

    figure = run.new_figure(46)
    axes = figure.subplots()
    places = range(len(SHOTS))
    names = ("capital copied", "form", "country", "all of it")
    for index, (part, name) in enumerate(zip(PARTS, names, strict=True)):
        each = [share(found.marks[count], part) for count in SHOTS]
        style = "o-" if part == "exact" else "o:"
        axes.plot(places, [mean(row) for row in each], style, color=f"C{index}", label=name)
        if part == "exact":
            for place, row in zip(places, each, strict=True):
                axes.plot([place] * len(row), row, ".", color="0.6", markersize=4, zorder=1)
    axes.set_xticks(list(places), [str(count) for count in SHOTS])
    axes.set_xlabel("examples in the context")
    axes.set_ylabel("right (%)")
    axes.set_ylim(-4, 104)
    axes.legend(loc="lower right", ncols=2)
    run.figure("shots", figure)


# ---------------------------------------------------------------- induction heads


def heads(run: Run, found: Induction) -> None:
    """Where induction heads are, and what depends on them."""
    flat = found.scores.flatten()
    best = int(flat.argmax())
    run.value("best_layer", best // found.scores.shape[1])
    run.value("best_head", best % found.scores.shape[1])
    run.value("best_score", 100 * flat.max().item(), digits=0, unit="%")
    run.value("above_third", int((flat > 1 / 3).sum()))
    run.value("heads", len(flat))
    names = {"all": "all heads"}
    for count in OFF:
        names[f"top {count}"] = f"without the {count} best induction heads"
        names[f"others {count}"] = f"without {count} other heads"
    rows: list[tuple[str, float, float, str]] = []
    for key, name in names.items():
        exact = share(found.marks[key], "exact")
        first, second = (mean(bits[key]) for bits in (found.first_bits, found.second_bits))
        spread = f" ({min(exact):.0f} to {max(exact):.0f})" if len(exact) > 1 else ""
        rows.append((name, first, second, f"{mean(exact):.0f}{spread}"))
        short = key.replace(" ", "_")
        run.value(f"{short}_second", second, digits=1)
    run.table(
        "heads_off",
        ("model", "first copy, bits", "second copy, bits", "exact, 4 examples (%)"),
        rows,
        digits=[None, 1, 1, None],
    )
    words = {"all heads": "모든 헤드"}
    for count in OFF:
        words[names[f"top {count}"]] = f"가장 좋은 귀납 헤드 {count}개를 끔"
        words[names[f"others {count}"]] = f"다른 헤드 {count}개를 끔"
    columns = ("모델", "첫째 사본(비트)", "둘째 사본(비트)", "정답, 예시 4개(%)")
    korean_table(run, "heads_off", columns, rows, words, [None, 1, 1, None])

    figure = run.new_figure(40)
    axes = figure.subplots()
    image = axes.imshow(100 * found.scores.T, aspect="auto", cmap="Blues", vmin=0)
    axes.set_xlabel("block")
    axes.set_ylabel("head")
    axes.grid(visible=False)
    figure.colorbar(image, ax=axes, label="induction weight (%)")
    run.figure("heads", figure)


# ---------------------------------------------------------------- the ways compared


def compared(run: Run, frozen: Shots, ranks: dict[int, Taught], test: list[Pair]) -> None:
    """All ways side by side: five runs each, the same questions."""
    named: dict[str, tuple[list[Marks], str]] = {
        f"{count} example{'s' * (count > 1)}": (frozen.marks[count], "0") for count in (1, 4, 8)
    }
    for rank, t in ranks.items():
        named[f"LoRA, rank {rank}"] = (t.marks, f"{t.weights}")
    named["LoRA, rank 16, and 4 examples"] = (ranks[16].with_shots, f"{ranks[16].weights}")
    eight = by_question(frozen.marks[8], "exact")
    rows: list[list[str | float]] = []
    for name, (marks, free) in named.items():
        parts = [mean(share(marks, part)) for part in PARTS]
        gap = paired(by_question(marks, "exact"), eight)
        rows.append([name, free, *parts, "" if name == "8 examples" else gap.text(0)])
    run.table(
        "compared",
        ("way", "trained", "capital", "form", "country", "all", "all, less 8 examples"),
        rows,
        digits=[None, None, 0, 0, 0, 0, None],
        runs=len(SEEDS),
    )
    columns = ("방법", "학습한 수", "수도", "형식", "나라", "전체", "예시 8개와의 차이")
    digits = [None, None, 0, 0, 0, 0, None]
    korean_table(run, "compared", columns, rows, IN_KOREAN, digits, len(SEEDS))
    rates, digits = [f"{rate:g}" for rate in ranks[1].held], [None, 2, 2, 2, None]
    tuned: list[tuple[str | float, ...]] = [
        (f"{rank}", *(min(curve) for curve in t.held.values()), f"{t.rate:g}, {t.steps} steps")
        for rank, t in ranks.items()
    ]
    run.table("tuning", ("rank", *(f"rate {rate}" for rate in rates), "chosen"), tuned, digits)
    heads = ("랭크", *(f"학습률 {rate}" for rate in rates), "고른 것")
    chosen = {f"{t.rate:g}, {t.steps} steps": f"{t.rate:g}, {t.steps}스텝" for t in ranks.values()}
    korean_table(run, "tuning", heads, tuned, chosen, digits)
    for rank, t in ranks.items():
        for part in ("copied", "formed", "known", "exact"):
            run.value(f"lora_{rank}_{part}", mean(share(t.marks, part)), 0, "%", runs=len(SEEDS))
    run.value("both_exact", mean(share(ranks[16].with_shots, "exact")), 0, "%", runs=len(SEEDS))
    gap = paired(*(by_question(ranks[rank].marks, "exact") for rank in (16, 1)))
    run.string("ranks_gap", gap.text(0))
    for key, part in (("known", "known"), ("exact", "exact")):
        gap = paired(by_question(frozen.marks[8], part), by_question(ranks[16].marks, part))
        run.string(f"eight_lora_{key}", gap.text(0))
    gap = paired(by_question(ranks[16].marks, "known"), by_question(frozen.marks[0], "known"))
    run.string("known_change", gap.text(0))
    run.value("text_bits", frozen.text_bits, digits=2)
    run.value("text_after", mean(ranks[16].text_bits), digits=2, runs=len(SEEDS))
    run.string("text_more", paired(ranks[16].text_bits, [frozen.text_bits] * len(SEEDS)).text(2))
    run.value("weights_16", ranks[16].weights)

    figure = run.new_figure(50)
    axes = figure.subplots()
    for index, (part, name) in enumerate(
        zip(PARTS, ("capital copied", "form", "country", "all of it"), strict=True)
    ):
        for place, (marks, _) in enumerate(named.values()):
            each = share(marks, part)
            spot = place + (index - 1.5) * 0.2
            axes.bar(
                [spot],
                [mean(each)],
                width=0.2,
                color=f"C{index}",
                label=name if not place else None,
            )
            axes.plot([spot] * len(each), each, ".", color="0.25", markersize=2.5)
    axes.set_xticks(range(len(named)), [name.replace(", ", ",\n") for name in named], fontsize=7)
    axes.set_ylabel("right (%)")
    axes.set_ylim(0, 122)
    axes.grid(visible=False, axis="x")
    axes.legend(ncols=4, loc="upper left")
    run.figure("compared", figure)


def written(run: Run, frozen: Shots, lora: Taught, test: list[Pair]) -> None:
    """What the usual scores say about the answers that were written out (seed 1)."""
    wanted = [pair.sentence for pair in test]
    ways = {
        "1 example": frozen.written[1],
        "8 examples": frozen.written[8],
        "LoRA, rank 16": lora.written,
        "the same sentence always": ["Paris is the capital of France."] * len(test),
    }
    rows: list[tuple[str, float, float, float, float, float]] = []
    for name, answers in ways.items():
        both = list(zip(answers, wanted, strict=True))
        named = [pair.country in answer for pair, answer in zip(test, answers, strict=True)]
        rows.append(
            (
                name,
                100 * mean(exact_match(*pair) for pair in both),
                100 * mean(token_f1(*pair) for pair in both),
                100 * bleu(answers, wanted),
                100 * mean(rouge_l(*pair) for pair in both),
                100 * mean(named),
            )
        )
    run.table("written", ("way", "exact", "F1", "BLEU", "ROUGE-L", "country named"), rows, digits=0)
    columns = ("방법", "완전 일치", "F1", "BLEU", "ROUGE-L", "나라를 댐")
    korean_table(run, "written", columns, rows, IN_KOREAN, digits=0)
    run.value("coin", mcnemar(8, 2), digits=2)
    run.value("always_f1", rows[-1][2], digits=0, unit="%")
    run.value("lora_f1", rows[2][2], digits=0, unit="%")
    wrong = [
        (pair.capital, answer)
        for pair, answer in zip(test, lora.written, strict=True)
        if pair.country not in answer
    ]
    run.string("wrong_input", wrong[0][0])
    run.string("wrong_answer", wrong[0][1])


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
    columns = ("무엇이", "글", "참조", "F1", "BLEU-2", "ROUGE-2", "ROUGE-L")
    digits = [None, None, None, 2, 2, 2, 2]
    korean_table(run, "blind", columns, rows, IN_KOREAN, digits)
