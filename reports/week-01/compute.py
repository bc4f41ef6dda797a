"""Week 1: what a language model computes, watched in a real one."""

import math
import random
import string
from itertools import pairwise
from pathlib import Path

import torch
from common.generation import (
    entropy,
    entropy_slope,
    nucleus,
    sampler,
    tempered,
    windowed_code_lengths,
)
from common.in_korean import korean_table
from common.reading import continued, log_probabilities, read
from common.smollm2 import END_OF_TEXT, SmolLM2, chat, load_smollm2
from common.yardsticks import letter_entropy, packed_bits, reliability
from matplotlib.axes import Axes
from torch import Tensor

from generator.compute.script import Run

FRANCE = "The capital of France is"
PROMPTS = {
    "france": FRANCE,
    "korea": "The capital of Korea is",
    "nowhere": "The capital of Velmoria is",
    "upon": "Once upon a",
}
START = "The ferry to the island"
TEMPERATURES = (0.5, 1.0, 1.5, 2.0)
SETTINGS = ((0.5, 1.0), (1.0, 1.0), (1.5, 1.0), (1.0, 0.9), (1.5, 0.9))
NEW_TOKENS = 24
NAMES = ("code", "english", "korean", "letters", "shuffled")
LABELS = ("Python", "English", "Korean", "random letters", "English, words shuffled")
IN_KOREAN = ("파이썬", "영어", "한국어", "무작위 글자", "단어를 뒤섞은 영어")
RANDOM_LETTERS = 800
WINDOWS = (4, 16, 64, 256)
STEPS = 300  # of the training of the table of pairs
RATE = 30.0
SHOWN_FROM = 0.01  # candidates less likely than this are left out of the calibration


def compute(run: Run) -> None:
    """Every number, table and figure of the report, section by section."""
    path = run.model("smollm2")
    texts = read_texts(run)
    likeliest(run, run.memo(next_tokens, path))
    step_by_hand(run)
    training(run, texts["english"])
    temperature(run, run.memo(scores_after, path, FRANCE))
    samples(run, run.memo(continuations, path))
    bits = run.memo(all_code_lengths, path, texts)
    lengths(run, texts, bits)
    strip(run, run.memo(pieces, path, texts["english"]), bits["english"])
    sizes(run, path, run.memo(weights, path))
    windows(run, run.memo(by_window, path, texts["english"], texts["code"]), bits)
    calibration(run, run.memo(predictions, path, texts["english"], texts["code"]))


# ---------------------------------------------------------------- what the model is asked


def read_texts(run: Run) -> dict[str, str]:
    """Three texts of our own, and two that are spoilt on purpose."""
    texts = {
        name: run.file(f"data/{name}.txt").read_text(encoding="utf-8").strip()
        for name in ("code", "english", "korean")
    }
    source = random.Random(run.seed)
    texts["letters"] = "".join(source.choices(string.ascii_lowercase, k=RANDOM_LETTERS))
    words = texts["english"].split()
    source.shuffle(words)
    texts["shuffled"] = " ".join(words)
    texts["paragraph"] = texts["english"].split("\n\n")[0]  # what the Korean text says
    return texts


def scores_after(path: Path, prompt: str) -> Tensor:
    """(V,) scores of the token after `prompt`."""
    model = load_smollm2(path)
    return model.next_logits(model.ids(prompt))[0]


def next_tokens(path: Path) -> dict[str, tuple[list[str], list[float], float]]:
    """For each prompt the likeliest tokens, their probabilities, and the entropy in bits."""
    model = load_smollm2(path)
    found = {}
    for name, prompt in PROMPTS.items():
        p = tempered(model.next_logits(model.ids(prompt))[0], 1.0)
        top = p.topk(8)
        tokens = [model.text([index]) for index in top.indices.tolist()]
        found[name] = (tokens, top.values.tolist(), float(entropy(p)))
    return found


def continuations(path: Path) -> tuple[list[str], str]:
    """START continued at each setting from the same seed, and an answer about nowhere."""
    model = load_smollm2(path)
    draws = [
        sampler(heat, mass, torch.Generator().manual_seed(torch.initial_seed()))
        for heat, mass in SETTINGS
    ]

    def choose(logits: Tensor) -> Tensor:
        return torch.tensor([draw(row) for draw, row in zip(draws, logits, strict=True)])

    start = read(model, [model.ids(START)])
    found = continued(model, start, [0] * len(draws), NEW_TOKENS, choose)
    question = [{"role": "user", "content": "What is the capital of Velmoria?"}]
    answer = model.generate(model.ids(chat(question)), NEW_TOKENS * 2)
    return [model.text(ids) for ids in found], model.text(answer)


def all_code_lengths(path: Path, texts: dict[str, str]) -> dict[str, Tensor]:
    """Bits of every token of every text."""
    model = load_smollm2(path)
    reading = read(model, [[END_OF_TEXT, *model.ids(text)] for text in texts.values()])
    return {
        name: -log_probabilities(model, reading, number, 1).double() / math.log(2)
        for number, name in enumerate(texts)
    }


def pieces(path: Path, text: str) -> list[str]:
    """The tokens of `text`, each as it is written."""
    model = load_smollm2(path)
    return [model.text([index]) for index in model.ids(text)]


def weights(path: Path) -> dict[str, int]:
    """How many parameters lie where, and what one token leaves behind."""
    model = load_smollm2(path)
    first = model.blocks[0]
    return {
        "embedding": model.embedding.numel(),
        "attention": sum(
            w.numel()
            for block in model.blocks
            for w in (block.query, block.key, block.value, block.output)
        ),
        "ffn": sum(w.numel() for b in model.blocks for w in (b.gate, b.up, b.down)),
        "norms": sum(b.attention_norm.numel() + b.ffn_norm.numel() for b in model.blocks)
        + model.final_norm.numel(),
        "vocabulary": model.embedding.shape[0],
        "width": model.embedding.shape[1],
        "blocks": len(model.blocks),
        "inner": first.gate.shape[0],
        "kept": len(model.blocks) * (first.key.shape[0] + first.value.shape[0]),
        "context": model.context,
    }


def by_window(path: Path, *texts: str) -> list[list[float]]:
    """For each text the mean bits per token without any context, then with each window."""
    model = load_smollm2(path)
    return [
        [alone(model, text)]
        + [float(windowed_code_lengths(model, model.ids(text), w).mean()) for w in WINDOWS]
        for text in texts
    ]


def alone(model: SmolLM2, text: str) -> float:
    """Mean bits of the tokens of `text`, each as if it were the first."""
    log_p = torch.log_softmax(model.next_logits([END_OF_TEXT])[0].double(), -1)
    return -float(log_p[torch.tensor(model.ids(text))].mean()) / math.log(2)


def predictions(path: Path, *texts: str) -> list[tuple[Tensor, Tensor]]:
    """For each text all candidates that were given at least SHOWN_FROM, and which came true."""
    model = load_smollm2(path)
    found = []
    for text in texts:
        ids = model.ids(text)
        p = tempered(model.logits([END_OF_TEXT, *ids[:-1]]), 1.0)
        row, token = (p >= SHOWN_FROM).nonzero(as_tuple=True)
        found.append((p[row, token], token == torch.tensor(ids)[row]))
    return found


# ---------------------------------------------------------------- one next token


def likeliest(run: Run, found: dict[str, tuple[list[str], list[float], float]]) -> None:
    """The next-token distributions after four prompts."""
    run.string("france", FRANCE)
    for name, (_, p, bits) in found.items():
        run.value(f"top_{name}", p[0], digits=3)
        run.value(f"entropy_{name}", bits, digits=2)
    figure = run.new_figure(40)
    for axes, (name, (tokens, p, bits)) in zip(figure.subplots(1, 4), found.items(), strict=True):
        draw_tokens(axes, tokens, p)
        axes.set_title(f"{PROMPTS[name]} …\n{bits:.2f} bits", fontsize=7)
    run.figure("next", figure)


def draw_tokens(axes: Axes, tokens: list[str], p: list[float]) -> None:
    """Bars of the likeliest tokens, the first on top; a space is drawn as an open box."""
    axes.barh(range(len(p)), p, color="C0")
    # A token may be a part of a character's bytes.
    names = [token.replace(" ", "␣").replace("\ufffd", "(byte)") for token in tokens]
    axes.set_yticks(range(len(p)), names, fontsize=7)
    axes.invert_yaxis()
    axes.set_xlabel("probability", fontsize=7)
    axes.grid(axis="y", visible=False)


# ---------------------------------------------------------------- training


def step_by_hand(run: Run) -> None:
    """One step of gradient descent on three logits; the second token came."""
    before = torch.tensor([2.0, 1.0, 0.0], dtype=torch.float64)
    p = torch.softmax(before, -1)
    gradient = p - torch.tensor([0.0, 1.0, 0.0], dtype=torch.float64)
    after = torch.softmax(before - gradient, -1)
    for place in range(3):
        run.value(f"hand_p_{place}", p[place].item(), digits=2)
        run.value(f"hand_gradient_{place}", gradient[place].item(), digits=2)
        run.value(f"hand_logit_{place}", (before - gradient)[place].item(), digits=2)
    run.value("hand_after", after[1].item(), digits=2)
    run.value("hand_loss", -math.log2(p[1]), digits=2)
    run.value("hand_loss_after", -math.log2(after[1]), digits=2)


def pair_counts(text: str, characters: str) -> Tensor:
    """(V, V): how often the column's character follows the row's."""
    place = {character: i for i, character in enumerate(characters)}
    counts = torch.zeros(len(characters), len(characters), dtype=torch.float64)
    for first, second in pairwise(text):
        counts[place[first], place[second]] += 1
    return counts


def bits_of_pairs(logits: Tensor, counts: Tensor) -> float:
    """Mean cost in bits of the pairs counted, (V, V), under the rows' softmax of `logits`."""
    return -float((counts * torch.log_softmax(logits, -1)).sum() / counts.sum()) / math.log(2)


def trained_pairs(counts: Tensor, held_out: Tensor) -> tuple[list[float], list[float]]:
    """Bits before each of STEPS steps of gradient descent and after the last, on both texts.

    The model is a table (V, V) of logits that starts at 0. The gradient of the mean loss in nats
    for row i is its share of the text times (softmax − frequencies of what follows).
    """
    logits, total = torch.zeros_like(counts), counts.sum()
    seen, unseen = [bits_of_pairs(logits, counts)], [bits_of_pairs(logits, held_out)]
    for _ in range(STEPS):
        gradient = (counts.sum(1, keepdim=True) * torch.softmax(logits, -1) - counts) / total
        logits = logits - RATE * gradient
        seen.append(bits_of_pairs(logits, counts))
        unseen.append(bits_of_pairs(logits, held_out))
    return seen, unseen


def training(run: Run, text: str) -> None:
    """A table of character pairs learns the first half of the story."""
    text = text.replace("\n", " ").lower()
    characters = "".join(sorted(set(text)))
    half = len(text) // 2
    counts, held_out = (pair_counts(part, characters) for part in (text[:half], text[half:]))
    seen, unseen = trained_pairs(counts, held_out)
    shares = counts / counts.sum(1, keepdim=True).clamp(min=1)
    best = float(torch.special.entr(shares).sum(1) @ counts.sum(1) / counts.sum()) / math.log(2)
    run.value("pair_characters", len(characters))
    run.value("pair_parameters", len(characters) ** 2)
    run.value("pair_start", seen[0], digits=2)
    run.value("pair_end", seen[-1], digits=2)
    run.value("pair_best", best, digits=2)
    turn = min(range(len(unseen)), key=unseen.__getitem__)
    run.value("pair_unseen", unseen[turn], digits=2)
    run.value("pair_unseen_end", unseen[-1], digits=2)
    run.value("pair_steps", STEPS)
    figure = run.new_figure(40)
    axes = figure.add_subplot()
    axes.plot(seen, label="first half: trained on")
    axes.plot(unseen, "--", color="C1", label="second half: held out")
    axes.axhline(best, color="0.5", linestyle=":", label="least possible on the first half")
    axes.set_xscale("symlog", linthresh=1)
    axes.set_xticks([0, 1, 10, 100], ["0", "1", "10", "100"])
    axes.set_xlim(0, STEPS)
    axes.set_xlabel("steps of gradient descent")
    axes.set_ylabel("bits per character")
    axes.legend()
    run.figure("training", figure)


# ---------------------------------------------------------------- temperature and top-p


def temperature(run: Run, logits: Tensor) -> None:
    """Entropy, its slope and the nucleus against the temperature."""
    run.value("vocabulary_bits", math.log2(len(logits)), digits=2)
    rows = []
    for heat in TEMPERATURES:
        p = tempered(logits, heat)
        bits, slope = float(entropy(p)), entropy_slope(logits, heat)
        best, outside = float(p.max()), float(p.sort(descending=True).values[100:].sum())
        size = int((nucleus(p, 0.9) > 0).sum())
        rows.append((f"{heat:g}", best, bits, slope, 100 * outside, size))
        run.value(f"entropy_{round(10 * heat):02d}", bits, digits=2)
        run.value(f"nucleus_{round(10 * heat):02d}", size)
        run.value(f"outside_{round(10 * heat):02d}", 100 * outside, digits=1, unit="%")
    run.table(
        "heats",
        ("T", "p(Paris)", "H in bits", "slope dH/dT", "% beyond 100th", "nucleus of 0.9"),
        rows,
        digits=[None, 3, 2, 2, 1, None],
    )
    korean_table(
        run,
        "heats",
        ("$T$", "p(Paris)", "$H$(비트)", "변화율 dH/dT", "100위 밖(%)", "뉴클리어스"),
        rows,
        digits=[None, 3, 2, 2, 1, None],
    )
    step = 1e-3
    gaps = [
        float(entropy(tempered(logits, heat + step)) - entropy(tempered(logits, heat - step)))
        / (2 * step)
        - entropy_slope(logits, heat)
        for heat in TEMPERATURES
    ]
    run.value("slope_gap", max(map(abs, gaps)))
    heats = [0.1 + 0.05 * i for i in range(79)]
    curves = [tempered(logits, heat) for heat in heats]
    sizes = [int((nucleus(p, 0.9) > 0).sum()) for p in curves]
    figure = run.new_figure(37)
    left, right = figure.subplots(1, 2)
    left.plot(heats, [float(entropy(p)) for p in curves])
    left.axhline(math.log2(len(logits)), color="0.5", linestyle=":")
    left.plot(TEMPERATURES, [float(entropy(tempered(logits, heat))) for heat in TEMPERATURES], "o")
    left.set_ylabel("entropy in bits")
    right.semilogy(heats, sizes)
    right.axhline(0.9 * len(logits), color="0.5", linestyle=":")
    right.set_ylabel("tokens that hold 0.9")
    for axes in (left, right):
        axes.set_xlabel("temperature")
    run.figure("temperature", figure)


def samples(run: Run, found: tuple[list[str], str]) -> None:
    """The same beginning continued at five settings."""
    texts, answer = found
    run.string("start", START)
    run.string("nowhere", one_line(answer))
    rows = [
        (f"{heat:g}", "–" if mass == 1 else f"{mass:g}", one_line(text) + " …")
        for (heat, mass), text in zip(SETTINGS, texts, strict=True)
    ]
    run.table("samples", ("T", "p", "continuation"), rows)
    korean_table(run, "samples", ("$T$", "$p$", "이어 쓴 글"), rows)


def one_line(text: str) -> str:
    """`text` without line breaks and outer blanks."""
    return " ".join(text.split())


# ---------------------------------------------------------------- code lengths


def lengths(run: Run, texts: dict[str, str], bits: dict[str, Tensor]) -> None:
    """Bits per byte of five texts by the model, a byte count and a compressor."""
    rows = []
    bars: list[tuple[float, float, float]] = []
    for name, label in zip(NAMES, LABELS, strict=True):
        text, found = texts[name], bits[name]
        size = len(text.encode())
        rate = float(found.sum()) / size
        bars.append((rate, packed_bits(text), letter_entropy(text)))
        per_token, per_letter = float(found.mean()), float(found.sum()) / len(text)
        rows.append((label, size, len(text), len(found), rate, per_letter, per_token))
        run.value(f"rate_{name}", rate, digits=2)
        run.value(f"packed_{name}", bars[-1][1], digits=2)
        run.value(f"per_token_{name}", per_token, digits=2)
        run.value(f"per_letter_{name}", per_letter, digits=2)
    run.value("random_due", math.log2(26), digits=2)
    run.value("random_paid", bars[3][0] - math.log2(26), digits=2)
    run.value("letters", RANDOM_LETTERS)
    story = {name: float(bits[name].sum()) for name in ("paragraph", "korean")}
    run.value("story_english", story["paragraph"], digits=0)
    run.value("story_korean", story["korean"], digits=0)
    run.value("story_ratio", story["korean"] / story["paragraph"], digits=1)
    run.table(
        "rates",
        ("text", "bytes", "characters", "tokens", "per byte", "per character", "per token"),
        rows,
        digits=[None, None, None, None, 2, 2, 2],
    )
    korean_table(
        run,
        "rates",
        ("글", "바이트", "글자", "토큰", "바이트당", "글자당", "토큰당"),
        rows,
        dict(zip(LABELS, IN_KOREAN, strict=True)),
        digits=[None, None, None, None, 2, 2, 2],
    )
    figure = run.new_figure(37)
    axes = figure.add_subplot()
    kinds = ("SmolLM2", "zlib or LZMA", "byte counts")
    for shift, (kind, colour) in enumerate(zip(kinds, ("C0", "C4", "0.7"), strict=True)):
        places = [i + 0.26 * (shift - 1) for i in range(len(bars))]
        axes.bar(places, [bar[shift] for bar in bars], 0.24, label=kind, color=colour)
    axes.axhline(8, color="0.5", linestyle=":")
    axes.set_xticks(range(len(bars)), LABELS)
    axes.set_ylabel("bits per byte")
    axes.grid(axis="x", visible=False)
    axes.legend(ncols=3, loc="upper left", bbox_to_anchor=(0, 0.96))
    run.figure("rates", figure)


def strip(run: Run, tokens: list[str], bits: Tensor) -> None:
    """What each token of the first sentence costs."""
    end = next(i for i, token in enumerate(tokens) if token == ".") + 1
    figure = run.new_figure(37)
    axes = figure.add_subplot()
    axes.bar(range(end), bits[:end].tolist(), color="C0", width=0.75)
    shown = [token.replace(" ", "␣") for token in tokens[:end]]
    axes.set_xticks(range(end), shown, rotation=90, fontsize=7)
    axes.set_ylabel("bits")
    axes.grid(axis="x", visible=False)
    run.figure("strip", figure)
    run.value("strip_bits", float(bits[:end].sum()), digits=0)
    run.value("strip_letters", len("".join(tokens[:end])))


# ---------------------------------------------------------------- parameters and context


def sizes(run: Run, path: Path, counts: dict[str, int]) -> None:
    """Where the parameters are, and what grows with the text."""
    parts = {
        "embedding (and read-out)": "embedding",
        "attention": "attention",
        "feed-forward": "ffn",
        "norms": "norms",
    }
    total = sum(counts[part] for part in parts.values())
    rows = [(name, counts[part], 100 * counts[part] / total) for name, part in parts.items()]
    rows.append(("all", total, 100.0))
    run.table("parts", ("part", "parameters", "share in %"), rows, digits=[None, None, 2])
    words = {
        "embedding (and read-out)": "임베딩(출력과 공유)",
        "attention": "어텐션",
        "feed-forward": "피드포워드",
        "norms": "정규화",
        "all": "합계",
    }
    korean_table(run, "parts", ("부분", "매개변수", "몫(%)"), rows, words, digits=[None, None, 2])
    for name in ("vocabulary", "width", "blocks", "kept", "context"):
        run.value(name, counts[name])
    run.value("parameters_million", total / 1e6, digits=1)
    run.value("file_mb", path.stat().st_size / 1e6, digits=0, unit="MB")
    run.value("file_bits", 8 * path.stat().st_size / total, digits=1)
    run.value("cache_million", counts["kept"] * counts["context"] / 1e6, digits=1)
    run.value("operations_million", 2 * total / 1e6, digits=0)


def windows(run: Run, found: list[list[float]], bits: dict[str, Tensor]) -> None:
    """Mean bits per token against the context that the model may see."""
    ends = (bits["english"], bits["code"])
    middle = [0.0] + [0.75 * window - 0.5 for window in WINDOWS]
    figure = run.new_figure(37)
    axes = figure.add_subplot()
    for label, name, means, whole in zip(
        ("English", "Python"), ("english", "code"), found, ends, strict=True
    ):
        run.value(f"alone_{name}", means[0], digits=1)
        for window, mean in zip(WINDOWS, means[1:], strict=True):
            run.value(f"window_{name}_{window}", mean, digits=2)
        axes.plot(
            [*middle, len(whole) / 2],
            [*means, float(whole.mean())],
            "o-" if name == "english" else "s--",
            label=label,
        )
    axes.set_xscale("symlog", linthresh=1)
    axes.set_xlim(-0.1, 400)
    axes.set_xticks([0, 1, 10, 100], ["0", "1", "10", "100"])
    axes.set_ylim(0, None)
    axes.set_xlabel("tokens of context, on average")
    axes.set_ylabel("bits per token")
    axes.legend()
    run.figure("context", figure)


def calibration(run: Run, found: list[tuple[Tensor, Tensor]]) -> None:
    """How often a candidate of probability p came true, in ten bins."""
    figure = run.new_figure(37)
    axes = figure.add_subplot()
    axes.plot([0, 1], [0, 1], color="0.5", linestyle=":")
    for label, name, mark, (p, came) in zip(
        ("English", "Python"), ("english", "code"), "os", found, strict=True
    ):
        bins = reliability(p, came)
        means, shares, errors = zip(*[row[1:] for row in bins], strict=True)
        axes.errorbar(means, shares, yerr=errors, fmt=mark, label=label, capsize=2, linewidth=1)
        run.value(f"candidates_{name}", len(p))
        high = p >= 0.5
        run.value(f"said_{name}", 100 * float(p[high].mean()), digits=0, unit="%")
        run.value(f"came_{name}", 100 * float(came[high].double().mean()), digits=0, unit="%")
        run.value(f"high_{name}", int(high.sum()))
    axes.set_xlabel("probability that the model gave")
    axes.set_ylabel("share that came true")
    axes.legend(loc="upper left")
    run.figure("calibration", figure)
