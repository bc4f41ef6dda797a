"""Week 12: a Transformer of the study's parts, without each of them, in a real one, and BERT."""

import math
from itertools import pairwise
from statistics import mean, stdev

import torch
from common.in_korean import korean_table
from common.lens import even_share, lens_ranks, sink_share
from common.paired import Gap, paired, student
from common.smollm2 import END_OF_TEXT, SmolLM2, load_smollm2
from common.stories import Grammar, Stories, entropy, mean_length
from common.tiny_gpt import bits_of_tokens, restored, right
from common.tiny_runs import (
    ABLATIONS,
    RATES,
    SEEDS,
    TEST,
    TOLD,
    Ground,
    Tuned,
    ground,
    taught,
    variant,
)
from common.torch_twins import twins
from common.transformer.model import CrossBlock, weights
from common.transformer.residual import Block
from common.whole_gpt import gpt, write
from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from generator.compute.script import Run

IN_KOREAN = {
    "scaled dot-product attention": "스케일드 닷 프로덕트 어텐션",
    "multi-head attention, causal": "멀티 헤드 어텐션, 인과",
    "feed-forward layer": "피드포워드 층",
    "layer normalisation": "층 정규화",
    "whole block, post-LN, causal": "블록 전체, post-LN, 인과",
    "whole block, pre-LN, causal": "블록 전체, pre-LN, 인과",
    "decoder block, looking at an encoder": "인코더를 보는 디코더 블록",
    "whole model against the page": "모델 전체와 한 쪽의 코드",
    "none: our own page": "없음: 우리의 한 쪽",
    "name": "이름",
    "colour": "색",
    "thing": "물건",
    "place": "장소",
    "which story": "어느 이야기",
    "embedding": "임베딩",
    "positions": "위치",
    "attention, 2 blocks": "어텐션, 2블록",
    "feed-forward, 2 blocks": "피드포워드, 2블록",
    "layer norms, 2 a block and 1": "층 정규화, 블록에 2개와 1개",
    "no attention": "어텐션 없음",
    "no skip": "잔차 연결 없음",
    "no feed-forward": "피드포워드 층 없음",
    "norm after (post-LN)": "정규화를 뒤로(post-LN)",
    "no norm in the blocks": "블록 안 정규화 없음",
    "no positions": "위치 없음",
    "sine waves": "위치를 사인파로",
    "one head": "헤드를 하나로",
    "no scale": "스케일 없음",
    "names": "이름",
    "colours": "색",
    "things": "물건",
    "places": "장소",
    "other words and marks": "다른 단어와 부호",
    "answers": "답",
}
HARBOUR, KITCHEN = "reports/week-12/data/stories.txt", "reports/project/data/kitchen.txt"
CAPITALS = {
    "France": "Paris",
    "Japan": "Tokyo",
    "Italy": "Rome",
    "Germany": "Berlin",
    "Spain": "Madrid",
    "Egypt": "Cairo",
    "Russia": "Moscow",
    "Greece": "Athens",
}
QUESTION = "mina is at the harbour . jin is at the island . where is jin ? at the"


def compute(run: Run) -> None:
    """Every number, table and figure of the report, section by section."""
    assembled(run)
    harbour = run.file(HARBOUR).read_text(encoding="utf-8")
    kitchen = run.file(KITCHEN).read_text(encoding="utf-8")
    base = ground(harbour, kitchen)
    plain = run.memo(taught, harbour, kitchen)
    solutions(run, base)
    by_hand(run, base, plain)
    trained(run, base, plain)
    parts(run, plain, {name: run.memo(taught, harbour, kitchen, name) for name in ABLATIONS})
    masked(run, base, plain, run.memo(taught, harbour, kitchen, "no mask"))
    model = load_smollm2(run.model("smollm2"))
    lens(run, model)
    sinks(run, model, run.file("data/harbour.txt").read_text(encoding="utf-8"))


# ---------------------------------------------------------------- assembled


def assembled(run: Run) -> None:
    """The parts against torch.nn, and a picture of the whole."""
    found = twins(run.seed)
    # The power of ten above the largest difference, so that the text can say "below".
    run.value("worst_power", math.ceil(math.log10(max(twin.difference for twin in found))))
    rows = [(t.part, t.week, t.other, t.difference) for t in found]
    columns = ("part", "week", "twin in torch.nn", "largest difference")
    run.table("twins", columns, rows, digits=0)  # what would round to 0 is a power of ten
    columns = ("부품", "주차", "torch.nn의 짝", "가장 큰 차이")
    korean_table(run, "twins", columns, rows, IN_KOREAN, digits=0)
    diagram(run)


def diagram(run: Run) -> None:
    """The model as boxes with the skip connections drawn in, bottom to top turned left to right."""
    figure = run.new_figure(38)
    axes = figure.subplots()
    axes.set_axis_off()
    axes.set_xlim(0, 150)
    axes.set_ylim(0, 38)
    boxes = [
        (0, 15, "tokens\nweek 4", "#FFFFFF"),
        (20, 16, "embedding\nweek 5", "#D5E8F4"),
        (41, 16, "positions\nweek 10", "#D5E8F4"),
        (66, 24, "multi-head\nattention\nweeks 6–8", "#FBE3D3"),
        (101, 21, "feed-\nforward\nweek 9", "#D2EEE4"),
        (130, 20, "read-out\nweek 1", "#D5E8F4"),
    ]
    for left, width, words, colour in boxes:
        axes.add_patch(
            FancyBboxPatch(
                (left, 8),
                width,
                14,
                boxstyle="round,pad=0,rounding_size=1.5",
                facecolor=colour,
                edgecolor="#444444",
                linewidth=0.6,
            )
        )
        axes.text(left + width / 2, 15, words, ha="center", va="center", fontsize=7.5)
    for (left, width, *_), (following, *_) in pairwise(boxes):
        arrow(axes, (left + width, 15), (following, 15))
    for start, end in ((62.5, 94), (97, 126)):
        arrow(axes, (start, 15), (end, 15), bend=-0.62)
        axes.text((start + end) / 2, 27.5, "x + F(N(x))\nweek 11", ha="center", fontsize=7)
    axes.plot([60, 60, 128, 128, 60], [4, 36, 36, 4, 4], color="#888888", linewidth=0.6)
    axes.text(94, 0.5, "one block, repeated", ha="center", fontsize=7)
    run.figure("diagram", figure)


def arrow(
    axes: Axes, start: tuple[float, float], end: tuple[float, float], bend: float = 0
) -> None:
    """An arrow from `start` to `end`, curved by `bend`."""
    axes.add_patch(
        FancyArrowPatch(
            start,
            end,
            connectionstyle=f"arc3,rad={bend}",
            arrowstyle="-|>",
            mutation_scale=6,
            linewidth=0.8,
            color="#444444",
            shrinkA=0,
            shrinkB=0,
        )
    )


def solutions(run: Run, base: Ground) -> None:
    """The entropy of a story and the weights of two models, term by term."""
    run.value("h_story", math.log2(len(base.harbour.stories)), digits=2)
    run.value("h_two", math.log2(12), digits=2)
    rows: list[tuple[str, int | str, int | str, float]] = []
    for kind in base.harbour.kinds:
        used = [len({w for w in map(bare, s) if w[:-1] == kind}) for s in base.harbour.stories]
        two, one = used.count(2), used.count(1)
        rows.append((kind, two, one, (two * math.log2(12) + one * 2) / len(used)))
    rows.append(("which story", "", "", math.log2(len(base.harbour.stories))))
    run.table(
        "entropy",
        ("kind", "stories with two", "with one", "bits on average"),
        rows,
        digits=[None, None, None, 2],
    )
    columns = ("종류", "둘인 이야기", "하나인 이야기", "평균 비트")
    korean_table(run, "entropy", columns, rows, IN_KOREAN, [None, None, None, 2])
    d, f, v, longest = 48, 192, len(base.words), base.shape.longest
    count = [
        ("embedding", "V d", v * d),
        ("positions", "27 d", longest * d),
        ("attention, 2 blocks", "2 · 4 (d² + d)", 8 * (d * d + d)),
        ("feed-forward, 2 blocks", "2 (2 d f + f + d)", 2 * (2 * d * f + f + d)),
        ("layer norms, 2 a block and 1", "5 · 2 d", 10 * d),
    ]
    run.table("count", ("part", "weights", "number"), count)
    korean_table(run, "count", ("부품", "가중치", "개수"), count, IN_KOREAN)
    with torch.device("meta"):
        blocks = [Block(512, 8, 2048) for _ in range(6)]
        cross = [CrossBlock(512, 8, 2048) for _ in range(6)]
    total = sum(map(weights, [*blocks, *cross])) + 37_000 * 512
    run.value("base_millions", total / 1e6, digits=1)


def bare(word: str) -> str:
    """A gap without the brackets of an answer."""
    return word.strip("[]")


# ---------------------------------------------------------------- one prediction by hand


def by_hand(run: Run, base: Ground, plain: Tuned) -> None:
    """From four scores to four probabilities, and the bits that the right word costs."""
    ids = torch.tensor([base.words.index(word) for word in QUESTION.split()])
    model = plain.runs[0].weights
    scores = gpt(ids, model, base.shape.heads)[-1]
    p = scores.softmax(-1)
    places = base.harbour.kinds["place"]
    found = {
        word: (float(scores[base.words.index(word)]), float(p[base.words.index(word)]))
        for word in places
    }
    run.string("question", QUESTION)
    rows = [(word, s, math.exp(s), share, -math.log2(share)) for word, (s, share) in found.items()]
    columns = ("word", "score (logit)", "e to the score", "probability", "bits if it comes")
    run.table("places", columns, rows, digits=[None, 1, 0, 2, 1])
    columns = ("단어", "점수 $z$(로짓)", "$e^z$", "확률", "나올 때의 비트")
    korean_table(run, "places", columns, rows, digits=[None, 1, 0, 2, 1])
    total = float(scores.exp().sum())
    run.value("rest_powers", total - sum(math.exp(s) for s, _ in found.values()), digits=0)
    run.value("all_powers", total, digits=0)
    run.value("island_p", found["island"][1], digits=2)


# ---------------------------------------------------------------- trained


def floor_bits(base: Ground) -> float:
    """Bits per token, the first left out, below which no model can be on average."""
    first = math.log2(len(base.harbour.kinds["name"]))  # every story begins with a name
    return (entropy(base.harbour) - first) / (mean_length(base.harbour) - 1)


def unigram_bits(base: Ground) -> float:
    """Bits per token, the first left out, of a model that knows how often each word occurs."""
    told = base.told(base.harbour, 2000, 1).rows[:, 1:]
    counts = torch.bincount(told.flatten(), minlength=len(base.words)).double()[2:]
    p = counts / counts.sum()
    held = base.test(base.harbour).rows[:, 1:]
    return float(-p[held[held > 1] - 2].log2().mean())


def trained(run: Run, base: Ground, plain: Tuned) -> None:
    """The plain model: size, learning curves, what it says."""
    model = restored(base.shape, plain.runs[0].weights)
    run.value("weights", weights(model))
    run.value("stories", len(base.harbour.stories))
    run.value("story_bits", entropy(base.harbour), digits=2)
    run.value("floor", floor_bits(base), digits=2)
    run.value("unigram", unigram_bits(base), digits=2)
    run.value("told", TOLD)
    run.value("steps", plain.runs[0].steps[-1])
    run.value("seeds", len(SEEDS))
    run.value("test", TEST)
    run.value("test_answers", int(base.test(base.harbour).answers.sum()))
    run.string("rates", ", ".join(f"{rate:g}" for rate in RATES))
    ends = [kept.test_bits for kept in plain.runs]
    right = [100 * kept.test_right for kept in plain.runs]
    run.value("plain_bits", mean(ends), digits=2, runs=len(SEEDS))
    run.value("plain_right", mean(right), digits=0, unit="%", runs=len(SEEDS))
    run.value("plain_right_low", min(right), digits=0)
    run.value("plain_right_high", max(right), digits=0, unit="%")
    run.value("coin", 100 * coin(base), digits=0, unit="%")
    by_story(run, base, plain)
    for number, start in enumerate(("mina", "jin", "sora", "tomo")):
        said = write(
            [base.words.index(start)], plain.runs[0].weights, base.shape.heads, 26, 10 + number
        )
        words = [base.words[token] for token in said]
        # Nothing tells the model that a story is over: keep it until the answer's full stop.
        end = words.index(".", words.index("?")) + 1 if "?" in words else len(words)
        run.string(f"said_{number}", " ".join(words[:end]))

    figure = run.new_figure(46)
    left, other = figure.subplots(1, 2)
    for kept in plain.runs:
        left.plot(kept.steps[1:], kept.bits[1:], color="0.7", linewidth=0.8)
        other.plot(kept.steps, [100 * share for share in kept.right], color="0.7", linewidth=0.8)
    steps = plain.runs[0].steps
    middle = [mean(kept.bits[i] for kept in plain.runs) for i in range(len(steps))]
    left.plot(steps[1:], middle[1:], "o-")
    other.plot(steps, [100 * mean(k.right[i] for k in plain.runs) for i in range(len(steps))], "o-")
    left.axhline(floor_bits(base), color="0.4", linestyle="--")
    left.text(steps[-1], floor_bits(base) + 0.01, "floor", ha="right", va="bottom", fontsize=7)
    left.set_ylabel("bits per token")
    left.set_ylim(0.45, None)
    other.axhline(100 * coin(base), color="0.4", linestyle=":")
    other.set_ylabel("right answers (%)")
    other.set_ylim(0, 100)
    for axes in (left, other):
        axes.set_xlabel("step")
    run.figure("learning", figure)


def coin(base: Ground) -> float:
    """Share of right answers of one who knows the kind, and picks among the story's words."""
    shares = []
    for story in base.harbour.stories:
        for place, word in enumerate(story):
            if word.startswith("["):
                kind = bare(word)[:-1]
                shares.append(1 / len({bare(w) for w in story[:place] if bare(w)[:-1] == kind}))
    return mean(shares)


def by_story(run: Run, base: Ground, plain: Tuned) -> None:
    """The share of right answers for each of the ten stories, over the five models."""
    rows: list[tuple[str, float]] = []
    models = [restored(base.shape, kept.weights) for kept in plain.runs]
    for story in base.harbour.stories:
        told = base.told(Grammar(base.harbour.kinds, (story,)), 100, 103)
        # The answer to the question alone: the last one in each row.
        last = told.answers & (told.answers.cumsum(1) == told.answers.sum(1, keepdim=True))
        share = mean(right(model, Stories(told.rows, last)) for model in models)
        rows.append((" ".join(story[:-1]), 100 * share))
    run.table(
        "stories",
        ("story, question and answer", "right (%)"),
        rows,
        digits=[None, 0],
        runs=len(SEEDS),
    )
    columns = ("이야기, 질문, 답", "정답(%)")
    korean_table(run, "stories", columns, rows, digits=[None, 0], runs=len(SEEDS))


# ---------------------------------------------------------------- what each part is worth


def parts(run: Run, plain: Tuned, others: dict[str, Tuned]) -> None:
    """Each part's worth: differences to the complete model, seed by seed."""
    bits, right = [k.test_bits for k in plain.runs], [100 * k.test_right for k in plain.runs]
    found: dict[str, tuple[Gap, Gap]] = {}
    for name, other in others.items():
        found[name] = (
            paired([k.test_bits for k in other.runs], bits),
            paired([100 * k.test_right for k in other.runs], right),
        )
        key = name.split(" (")[0].replace(" ", "_").replace("-", "_")
        run.value(
            f"{key}_right",
            mean(100 * k.test_right for k in other.runs),
            0,
            unit="%",
            runs=len(SEEDS),
        )
    order = sorted(found, key=lambda name: -found[name][0].mean)
    rows = [
        (name, f"{others[name].rate:g}", found[name][0].text(2), found[name][1].text(0))
        for name in order
    ]
    columns = ("without", "rate", "more bits per token", "answers, points")
    run.table("parts", columns, rows, runs=len(SEEDS))
    columns = ("바꾼 것", "학습률", "늘어난 토큰당 비트", "정답(퍼센트포인트)")
    korean_table(run, "parts", columns, rows, IN_KOREAN, runs=len(SEEDS))
    exercise(run, others["no positions"], right)

    figure = run.new_figure(58)
    panels = figure.subplots(1, 2, sharey=True)
    for axes, side, label in zip(
        panels, (0, 1), ("more bits per token", "answers, percentage points"), strict=True
    ):
        for place, name in enumerate(order):
            each = [
                (k.test_bits - b, 100 * k.test_right - r)[side]
                for k, b, r in zip(others[name].runs, bits, right, strict=True)
            ]
            gap = found[name][side]
            axes.plot(each, [place] * len(each), ".", color="0.6", markersize=4)
            axes.plot([gap.low, gap.high], [place, place], color=f"C{side}", linewidth=1.6)
            axes.plot([gap.mean], [place], "o", color=f"C{side}", markersize=4.5)
        axes.axvline(0, color="0.3", linewidth=0.7)
        axes.set_xlabel(label)
        axes.grid(visible=False, axis="y")
    panels[0].set_yticks(range(len(order)), order)
    panels[0].invert_yaxis()
    run.figure("parts", figure)


def exercise(run: Run, other: Tuned, right: list[float]) -> None:
    """The numbers of an interval that is to be computed by hand, from rounded differences."""
    gaps = [round(100 * k.test_right - r, 1) for k, r in zip(other.runs, right, strict=True)]
    gap = paired(gaps, [0.0] * len(gaps))
    run.string("exercise_gaps", ", ".join(f"{each:.1f}".replace("-", "−") for each in gaps))
    run.value("exercise_mean", gap.mean, digits=1)
    run.value("exercise_spread", stdev(gaps), digits=1)
    run.value("exercise_error", stdev(gaps) / math.sqrt(len(gaps)), digits=1)
    run.value("exercise_low", gap.low, digits=1)
    run.value("exercise_high", gap.high, digits=1)
    run.value("student", student(len(gaps) - 1), digits=2)


# ---------------------------------------------------------------- a model without a mask


def masked(run: Run, base: Ground, plain: Tuned, found: Tuned) -> None:
    """The same stories with both sides in view, against the left one only."""
    shape, _ = variant("no mask", base.shape)
    held = base.test(base.harbour)
    held = Stories(held.rows[:200], held.answers[:200])
    kinds = {"names": "name", "colours": "colour", "things": "thing", "places": "place"}
    left = [bits_of_tokens(restored(base.shape, k.weights), held.rows) for k in plain.runs]
    both = [bits_of_tokens(restored(shape, k.weights), held.rows) for k in found.runs]
    real = held.rows[:, 1:] > 1

    rows: list[tuple[str, float, float, str]] = []

    def add(label: str, here: torch.Tensor) -> None:
        sides = [[float(x[:, 1:][here].mean()) for x in side] for side in (left, both)]
        rows.append((label, mean(sides[0]), mean(sides[1]), paired(sides[1], sides[0]).text(2)))

    for label, kind in kinds.items():
        ids = torch.tensor([base.words.index(word) for word in base.harbour.kinds[kind]])
        add(label, torch.isin(held.rows[:, 1:], ids) & ~held.answers[:, 1:])
    slots = torch.tensor(
        [base.words.index(word) for kind in base.harbour.kinds.values() for word in kind]
    )
    add("other words and marks", real & ~torch.isin(held.rows[:, 1:], slots))
    add("answers", held.answers[:, 1:])
    run.table(
        "masked",
        ("tokens", "left side only", "both sides", "difference"),
        rows,
        [None, 2, 2, None],
        runs=len(SEEDS),
    )
    columns = ("토큰", "왼쪽만", "양쪽", "차이")
    korean_table(run, "masked", columns, rows, IN_KOREAN, [None, 2, 2, None], len(SEEDS))
    shares = [[100 * k.test_right for k in side.runs] for side in (found, plain)]
    run.value("masked_right", mean(shares[0]), digits=0, unit="%", runs=len(SEEDS))
    run.string("masked_answers", paired(*shares).text(0))

    row = next(i for i in range(200) if base.words.index("gives") in held.rows[i].tolist())
    words = [base.words[i] for i in held.rows[row].tolist() if i > 1]
    figure = run.new_figure(44)
    axes = figure.subplots()
    places = torch.arange(1, len(words))
    for shift, side, label in ((-0.2, left, "left side only"), (0.2, both, "both sides")):
        heights = torch.stack([x[row, 1 : len(words)] for x in side]).mean(0)
        axes.bar(places + shift, heights, width=0.4, label=label)
    axes.set_xticks(places.tolist(), words[1:], rotation=60, ha="right")
    axes.set_ylabel("bits")
    axes.grid(visible=False, axis="x")
    axes.legend()
    run.string("told_story", " ".join(words))
    run.figure("masked", figure)


# ---------------------------------------------------------------- a real model


def lens(run: Run, model: SmolLM2) -> None:
    """Where in its depth the model knows the capital."""
    ranks: dict[str, list[int]] = {}
    for country, capital in CAPITALS.items():
        found = model.trace(model.ids(f"The capital of {country} is"))
        token = model.ids(f" {capital}")[0]
        ranks[country] = lens_ranks(model, found, token)
    paris = ranks["France"]
    run.value("paris_before", int(torch.tensor(paris[:20]).median()))
    for block in (21, 24, 27, 29, 30):
        run.value(f"paris_{block}", paris[block - 1])
    run.value("capitals", len(CAPITALS))
    run.value("capitals_first", sum(each[-1] == 1 for each in ranks.values()))
    half = [next(i + 1 for i, rank in enumerate(each) if rank <= 100) for each in ranks.values()]
    run.value("hundred_low", min(half))
    run.value("hundred_high", max(half))

    figure = run.new_figure(42)
    axes = figure.subplots()
    depth = range(1, len(paris) + 1)
    for country, each in ranks.items():
        if country != "France":
            axes.plot(depth, each, color="0.72", linewidth=0.9)
    axes.plot(depth, paris, "o-", label="Paris")
    axes.set_yscale("log")
    axes.invert_yaxis()
    axes.set_xlabel("blocks that the state has been through")
    axes.set_ylabel("rank of the right capital")
    axes.legend(loc="upper left")
    run.figure("lens", figure)


def sinks(run: Run, model: SmolLM2, text: str) -> None:
    """How much of the attention goes to the first token, whatever it is."""
    paragraphs = text.split("\n\n")[:6]
    ids = [model.ids(paragraph)[:48] for paragraph in paragraphs]
    traces = [model.trace(part) for part in ids]
    shares = torch.stack([sink_share(found.attention) for found in traces])
    by_text = shares.mean(1)
    run.value("sink_low", 100 * by_text.min().item(), digits=0)
    run.value("sink_high", 100 * by_text.max().item(), digits=0, unit="%")
    run.value("sink_even", 100 * even_share(48), digits=0, unit="%")
    by_block = shares.mean(0)

    # Controls: without its first token, a text has another first token; with <|endoftext|>
    # before it, the old first token is the second.
    cut = [model.trace(part[1:]) for part in ids]
    run.value(
        "sink_cut",
        100 * torch.stack([sink_share(f.attention) for f in cut]).mean().item(),
        digits=0,
        unit="%",
    )
    old = [sink_share(found.attention, 1).mean() for found in traces]
    run.value("second_share", 100 * torch.stack(old).mean().item(), digits=0, unit="%")
    led = [model.trace([END_OF_TEXT, *part]) for part in ids]
    led_old = torch.stack([sink_share(f.attention, 1).mean() for f in led]).mean()
    led_new = torch.stack([sink_share(f.attention).mean() for f in led]).mean()
    run.value("led_first", 100 * led_new.item(), digits=0, unit="%")
    run.value("led_second", 100 * led_old.item(), digits=0, unit="%")
    norms = torch.stack([found.hidden[15].norm(dim=-1) for found in traces])
    run.value("norm_first", norms[:, 0].mean().item(), digits=0)
    run.value("norm_rest", norms[:, 1:].mean().item(), digits=0)
    # What a token that is looked at hands over: the length of its value.
    lengths = torch.stack([value_lengths(model, found.hidden) for found in traces])
    ratio = lengths[:, :, 0] / lengths[:, :, 1:].median(dim=-1).values
    run.value("value_ratio", ratio.median().item(), digits=2)

    figure = run.new_figure(44)
    left, other = figure.subplots(1, 2, width_ratios=(1.4, 1))
    left.bar(range(1, len(by_block) + 1), 100 * by_block)
    left.axhline(100 * even_share(48), color="0.3", linestyle="--")
    left.set_xlabel("block")
    left.set_ylabel("on the first token (%)")
    left.grid(visible=False, axis="x")
    block = int(by_block.argmax())
    other.imshow(traces[0].attention[block].mean(0)[:20, :20], vmin=0, vmax=1, cmap="Blues")
    other.set_xlabel("key")
    other.set_ylabel("query")
    other.grid(visible=False)
    run.figure("sinks", figure)


def value_lengths(model: SmolLM2, hidden: torch.Tensor) -> torch.Tensor:
    """(L, n): the length of each token's value vectors in every block. hidden: (L + 1, n, d)."""
    found = []
    for block, state in zip(model.blocks, hidden[:-1], strict=True):
        normed = state * torch.rsqrt(state.square().mean(-1, keepdim=True) + model.epsilon)
        found.append((normed * block.attention_norm @ block.value.T).norm(dim=-1))
    return torch.stack(found)
