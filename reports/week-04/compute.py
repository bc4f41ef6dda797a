"""Week 4: byte-pair encoding from scratch, real vocabularies, and what Korean costs in them."""

import csv
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import product

import torch
from common.bpe import (
    Merge,
    as_bytes,
    frequency,
    learn,
    length,
    likelihood,
    pieces,
    words_of,
)
from common.in_korean import korean_table
from common.vocabularies import (
    CL100K_WORDS,
    O200K_WORDS,
    Vocabulary,
    hangul_tokens,
    load_gpt2,
    load_sentencepiece,
    load_tekken,
    load_tiktoken,
    load_tokenizer_json,
    shown,
    syllables,
)
from torch import Tensor

from generator.compute.script import Run

SMALL = "late later latest, and a late lesson is better than no lesson"
SENTENCE = "나는 늦게 배우는 late-bloomer다. 그래도 나는 희망을 가지고 있다."
ENGLISH = "I am a late-bloomer who learns slowly. Still, I have hope."
SYLLABLE = "늦"
CHARACTERS, BYTES, OPENCHAT = 43, 85, 41  # of the group's sentence, and its first count
MERGES = 500
MIXED_MERGES = 400
DRAWS = 4000
# SmolLM2-135M: 30 blocks, 3 key and value heads of width 64, two bytes a number.
CACHE_BYTES = 2 * 30 * 3 * 64 * 2


def compute(run: Run) -> None:
    """Every number, table and figure of the report, section by section."""
    bytes_of_a_syllable(run)
    worked_example(run)
    texts = {
        name: run.file(f"data/training.{name}.txt").read_text(encoding="utf-8")
        for name in ("en", "ko")
    }
    learning(run, texts)
    known = vocabularies(run)
    hangul = {name: hangul_tokens(vocabulary) for name, vocabulary in known.items()}
    one_sentence(run, known, hangul)
    draw_cuts(run, known)
    other_sentences(run, known)
    with run.file("data/pairs.csv").open(encoding="utf-8", newline="") as file:
        pairs = [(row["english"], row["korean"]) for row in csv.DictReader(file)]
    costs(run, known, hangul, pairs)
    mixtures(run, texts, pairs)


def spaced(symbol: bytes) -> str:
    """A symbol for a reader: ␣ for a space, hexadecimal where it isn't text."""
    return shown([symbol])[0].replace(" ", "␣")


# ---------------------------------------------------------------- bytes


def utf8_of_three(point: int) -> bytes:
    """The three bytes of a code point from U+0800 to U+FFFF: 4, 6 and 6 of its 16 bits."""
    return bytes([0xE0 | point >> 12, 0x80 | point >> 6 & 0x3F, 0x80 | point & 0x3F])


def bytes_of_a_syllable(run: Run) -> None:
    """늦 as a number, as bytes, and taken apart into its letters."""
    point = ord(SYLLABLE)
    coded = utf8_of_three(point)
    run.string("ga_bytes", utf8_of_three(ord("가")).hex(" ").upper())
    run.string("late_point", f"U+{point:04X}")
    run.string("late_bits", f"{point:016b}")
    run.string("late_bytes", coded.hex(" ").upper())
    run.string("late_coded_bits", " ".join(f"{byte:08b}" for byte in coded))
    first, second, third = coded
    for name, byte in (("first", first), ("second", second), ("third", third)):
        run.value(f"late_{name}", byte)
    apart = unicodedata.normalize("NFD", SYLLABLE)
    run.value("late_letters", len(apart))
    run.value("late_letters_bytes", len(apart.encode()))


# ---------------------------------------------------------------- learning


def worked_example(run: Run) -> None:
    """The first merges on one line of text, by frequency and by WordPiece's score."""
    run.string("small", SMALL)
    words = Counter(as_bytes(word) for word in words_of(SMALL))
    steps = learn(words, 6)
    left = length(words)
    run.value("small_bytes", left)
    rows: list[tuple[str | int, ...]] = []
    for place, merge in enumerate(steps, 1):
        left -= merge.saved
        row = (place, f"{spaced(merge.left)} + {spaced(merge.right)}", spaced(merge.symbol))
        rows.append((*row, merge.saved, left))
    run.table("steps", ("step", "pair", "new token", "count", "tokens left"), rows)
    korean_table(run, "steps", ("단계", "쌍", "새 토큰", "횟수", "남은 토큰"), rows)
    by_likelihood = learn(words, 6, likelihood)
    run.string("wordpiece_found", ", ".join(spaced(merge.symbol) for merge in by_likelihood))
    run.string("bpe_found", ", ".join(spaced(merge.symbol) for merge in learn(words, 6, frequency)))


def remaining(total: int, learned: Sequence[Merge]) -> list[int]:
    """Tokens of the training text after 0, 1, 2, … merges."""
    left = [total]
    for merge in learned:
        left.append(left[-1] - merge.saved)
    return left


def log_slope(values: Sequence[int], first: int) -> float:
    """Least-squares slope of ln value against ln rank, from rank `first` on."""
    x = torch.arange(first, len(values) + 1, dtype=torch.float64).log()
    y = torch.tensor(values[first - 1 :], dtype=torch.float64).log()
    x = x - x.mean()
    return float(x @ (y - y.mean()) / (x @ x))


def learning(run: Run, texts: Mapping[str, str]) -> None:
    """Two texts of about the same number of bytes: tokens left, and what each merge brought."""
    figure = run.new_figure(52)
    left, right = figure.subplots(1, 2)
    labels = {"en": "English", "ko": "Korean"}
    run.value("merges", MERGES)
    for place, (name, text) in enumerate(texts.items()):
        words = Counter(as_bytes(word) for word in words_of(text))
        learned = learn(words, MERGES)
        tokens = remaining(length(words), learned)
        run.value(f"text_bytes_{name}", tokens[0])
        run.value(f"text_characters_{name}", len(text))
        run.value(f"squeezed_{name}", tokens[0] / tokens[-1], digits=1)
        run.value(f"gain_first_{name}", learned[0].saved)
        run.value(f"gain_100_{name}", learned[99].saved)
        run.value(f"gain_last_{name}", learned[-1].saved)
        run.value(f"gain_slope_{name}", log_slope([m.saved for m in learned], 10), digits=2)
        own = pieces(SENTENCE, learned)
        run.value(f"own_tokens_{name}", len(own))
        left.plot(tokens, color=f"C{place}", label=labels[name])
        marks = "so"[place]
        right.plot(
            range(1, len(learned) + 1),
            [merge.saved for merge in learned],
            marks,
            color=f"C{place}",
            markersize=2,
            label=labels[name],
            rasterized=True,
        )
        firsts = [spaced(merge.symbol) for merge in learned]
        run.string(f"learned_{name}", ", ".join(firsts[:6]))
        if name == "ko":
            whole = [s for s in firsts if any("가" <= letter <= "힣" for letter in s)]
            run.string("korean_first", ", ".join(whole[:6]))
            run.value("korean_first_place", firsts.index(whole[0]) + 1)
    left.set_xlabel("merges")
    left.set_ylabel("tokens in the text")
    left.set_ylim(0)
    left.legend()
    right.set_xscale("log")
    right.set_yscale("log")
    right.set_xlabel("merge")
    right.set_ylabel("tokens saved")
    run.figure("learning", figure)


# ---------------------------------------------------------------- real vocabularies


def vocabularies(run: Run) -> dict[str, Vocabulary]:
    """The eight vocabularies of the report by the names that it gives them."""
    return {
        "BERT": load_tokenizer_json(run.model("minilm-tokenizer")),
        "GPT-2": load_gpt2(run.model("gpt2-vocabulary"), run.model("gpt2-merges")),
        "Mistral v1": load_sentencepiece(run.model("mistral-v1")),
        "GPT-4": load_tiktoken(run.model("cl100k"), CL100K_WORDS),
        "DeepSeek-V3": load_tokenizer_json(run.model("deepseek")),
        "GPT-4o": load_tiktoken(run.model("o200k"), O200K_WORDS),
        "Tekken": load_tekken(run.model("mistral-tekken")),
    }


def key_of(name: str) -> str:
    """The name of a vocabulary as part of a value's name: DeepSeek-V3 → deepseek_v3."""
    return name.lower().replace("-", "_").replace(" ", "_")


def one_sentence(run: Run, known: Mapping[str, Vocabulary], hangul: Mapping[str, int]) -> None:
    """The sentence and its English counterpart through every vocabulary."""
    run.string("sentence", SENTENCE)
    run.string("english", ENGLISH)
    run.value("characters", len(SENTENCE))
    run.value("bytes", len(SENTENCE.encode()))
    rows: list[tuple[str | int, ...]] = []
    for name, vocabulary in known.items():
        found = vocabulary.pieces(SENTENCE)
        inside = vocabulary.pieces(f"나는 {SYLLABLE}게")
        start = vocabulary.pieces("나는")
        late = [piece for piece in inside[len(start) :] if piece.strip()]
        split = "·".join(shown(late)).replace("20EB", "␣EB").replace(" ", "␣")
        english = len(vocabulary.encode(ENGLISH))
        rows.append((name, vocabulary.size, hangul[name], len(found), english, split))
        run.value(f"tokens_{key_of(name)}", len(found))
        run.value(f"hangul_{key_of(name)}", hangul[name])
    run.table(
        "sentence",
        ("vocabulary", "tokens in it", "with Hangul", "Korean", "English", "늦게"),
        rows,
    )
    columns = ("어휘", "토큰 수", "한글 토큰", "한국어", "영어", "늦게")
    korean_table(run, "sentence", columns, rows)
    unknown = shown(known["BERT"].pieces(SENTENCE)).count("[UNK]")
    run.value("bert_unknown", unknown)
    deepseek = known["DeepSeek-V3"]
    for name, mark in (("space", " "), ("stop", "."), ("hyphen", "-")):
        run.value(f"deepseek_{name}", deepseek.encode(mark)[0])
    mistral = known["Mistral v1"]
    for name, vocabulary in (("mistral", mistral), ("gpt", known["GPT-4"])):
        run.value(f"{name}_joined", hangul_tokens(vocabulary, " "))
    run.string("mistral_late", ", ".join(str(i) for i in mistral.encode(SYLLABLE)[1:]))
    run.string("mistral_bloomer", "·".join(shown(mistral.pieces("late-bloomer"))).strip())
    apart = unicodedata.normalize("NFD", SENTENCE)
    run.value("apart_gpt_4o", len(known["GPT-4o"].encode(apart)))
    cache = CACHE_BYTES
    run.value("cache_bytes", cache)
    run.value("cache_korean", cache * len(mistral.encode(SENTENCE)) / 1024, digits=1, unit="KiB")
    best = len(known["GPT-4o"].encode(SENTENCE))
    run.value("cache_best", cache * best / 1024, digits=1, unit="KiB")


def draw_cuts(run: Run, known: Mapping[str, Vocabulary]) -> None:
    """The sentence as a row of boxes, one a token, as wide as its bytes."""
    rows = [name for name in known if name != "BERT"]
    figure = run.new_figure(64)
    axes = figure.add_subplot()
    total = len(SENTENCE.encode())
    for row, name in enumerate(reversed(rows)):
        found = known[name].pieces(SENTENCE)
        # SentencePiece puts a space of its own before the text: it has no byte to stand on.
        place = total - sum(map(len, found))
        for index, piece in enumerate(found):
            axes.barh(
                row,
                len(piece),
                left=place,
                height=0.72,
                color=("#BFD9EA", "#F3D3B8")[index % 2],
                edgecolor="white",
                linewidth=0.8,
            )
            place += len(piece)
        axes.text(total + 1, row, str(len(found)), va="center", fontsize=7.5)
        place = 0
        for letter in SENTENCE:
            width = len(letter.encode())
            if letter != " ":
                axes.text(place + width / 2, row, letter, ha="center", va="center", fontsize=6.2)
            place += width
    axes.set_yticks(range(len(rows)), list(reversed(rows)))
    axes.set_xlim(-1, total + 4)
    axes.set_xlabel("bytes of the sentence")
    axes.grid(visible=False)
    run.figure("cuts", figure)


def other_sentences(run: Run, known: Mapping[str, Vocabulary]) -> None:
    """Every sentence of our frames that agrees with the group's in all that is recorded."""
    lines = run.file("data/frames.txt").read_text(encoding="utf-8").split("\n")[:5]
    built = ("".join(parts) for parts in product(*(line.split("|") for line in lines)))
    alike = [
        text
        for text in built
        if len(text) == CHARACTERS
        and len(text.encode()) == BYTES
        and len(known["Mistral v1"].encode(text)) == OPENCHAT
    ]
    run.value("alike", len(alike))
    for name in ("DeepSeek-V3", "GPT-4", "GPT-4o", "GPT-2"):
        counts = [len(known[name].encode(text)) for text in alike]
        run.value(f"alike_low_{key_of(name)}", min(counts))
        run.value(f"alike_high_{key_of(name)}", max(counts))


# ---------------------------------------------------------------- what it costs


def ratio_interval(korean: Tensor, english: Tensor, source: torch.Generator) -> tuple[float, float]:
    """95 % interval of Σ korean / Σ english, by drawing the pairs again with replacement.

    korean, english: (pairs,), tokens of each text.
    """
    drawn = torch.randint(len(korean), (DRAWS, len(korean)), generator=source)
    ratios = korean[drawn].sum(dim=1) / english[drawn].sum(dim=1)
    low, high = torch.quantile(ratios, torch.tensor([0.025, 0.975], dtype=ratios.dtype))
    return float(low), float(high)


def costs(
    run: Run,
    known: Mapping[str, Vocabulary],
    hangul: Mapping[str, int],
    pairs: Sequence[tuple[str, str]],
) -> None:
    """The same content in two languages: tokens against tokens, and against the vocabulary."""
    run.value("pairs", len(pairs))
    both = [sum(len(pair[side]) for pair in pairs) for side in (0, 1)]
    size = [sum(len(pair[side].encode()) for pair in pairs) for side in (0, 1)]
    run.value("character_ratio", both[1] / both[0], digits=2)
    run.value("byte_ratio", size[1] / size[0], digits=2)
    source = torch.Generator().manual_seed(run.seed)
    figure = run.new_figure(56)
    left, right = figure.subplots(1, 2, sharey=True)
    texts = sum(syllables(korean) for _, korean in pairs)
    names = list(known)
    for row, (name, vocabulary) in enumerate(reversed(list(known.items()))):
        english, korean = (
            torch.tensor([len(vocabulary.encode(pair[side])) for pair in pairs]).double()
            for side in (0, 1)
        )
        ratio = float(korean.sum() / english.sum())
        low, high = ratio_interval(korean, english, source)
        key = key_of(name)
        run.value(f"ratio_{key}", ratio, digits=2)
        run.value(f"ratio_low_{key}", low, digits=2)
        run.value(f"ratio_high_{key}", high, digits=2)
        run.value(f"costlier_{key}", int((korean > english).sum()))
        run.value(f"per_syllable_{key}", float(korean.sum()) / texts, digits=2)
        run.value(f"square_{key}", ratio**2, digits=1)
        left.plot([low, high], [row, row], color="C0", linewidth=2)
        left.plot(ratio, row, "o", color="C0")
        right.plot(hangul[name], row, "s", color="C1", clip_on=False, zorder=3)
    left.axvline(1, color="0.5", linestyle=":")
    left.axvline(both[1] / both[0], color="0.5", linestyle="--")
    left.set_yticks(range(len(names)), list(reversed(names)))
    left.set_xlim(0, 5.4)
    left.set_xlabel("tokens in Korean / tokens in English")
    # Two vocabularies have none at all, which a logarithm can't show.
    right.set_xscale("symlog", linthresh=100)
    right.set_xticks([0, 100, 1000, 5000], ["0", "100", "1000", "5000"])
    right.set_xlim(0, 9000)
    right.set_xlabel("tokens with Hangul in the vocabulary")
    run.figure("costs", figure)


def beginning(text: str, size: int) -> str:
    """The longest beginning of `text` with at most `size` bytes, in whole characters."""
    return text.encode()[:size].decode(errors="ignore")


def mixed_lengths(
    texts: Mapping[str, str],
    share: float,
    pairs: Sequence[tuple[str, str]],
    merges: int = MIXED_MERGES,
) -> tuple[int, int]:
    """Tokens of all English and all Korean texts of `pairs`, after learning from a mixture.

    share: of Korean in the training text, by bytes; its size is the same for every share.
    """
    size = min(len(text.encode()) for text in texts.values())
    mixture = beginning(texts["ko"], round(share * size)) + "\n"
    mixture += beginning(texts["en"], round((1 - share) * size))
    words = Counter(as_bytes(word) for word in words_of(mixture))
    learned = learn(words, merges)
    english, korean = (sum(len(pieces(p[side], learned)) for p in pairs) for side in (0, 1))
    return english, korean


def mixtures(run: Run, texts: Mapping[str, str], pairs: Sequence[tuple[str, str]]) -> None:
    """The same algorithm on mixtures of the two languages: who pays follows from the mixture."""
    shares = (0.0, 0.1, 0.25, 0.5, 0.75, 1.0)
    found = [mixed_lengths(texts, share, pairs) for share in shares]
    english, korean = ([lengths[side] for lengths in found] for side in (0, 1))
    run.value("mixed_merges", MIXED_MERGES)
    more = mixed_lengths(texts, 0.5, pairs, 2 * MIXED_MERGES)
    for side, language in enumerate(("english", "korean")):
        run.value(f"half_{language}", found[3][side])
        run.value(f"more_{language}", more[side])
    for name, place in (("none", 0), ("tenth", 1), ("all", 5)):
        run.value(f"mix_ratio_{name}", korean[place] / english[place], digits=2)
        run.value(f"mix_english_{name}", english[place])
    percent = [100 * share for share in shares]
    figure = run.new_figure(50, 110)
    axes = figure.add_subplot()
    axes.plot(percent, english, "s-", label="the English texts")
    axes.plot(percent, korean, "o-", color="C1", label="the Korean texts")
    axes.set_xlabel("Korean in the training text (% of bytes)")
    axes.set_ylabel("tokens")
    axes.set_ylim(0)
    axes.legend(loc="lower right")
    run.figure("mixture", figure)
