"""A seeded generator of synthetic reports, the same content for us and for each peer.

One report: 1,250 words, 15 inline and 10 display formulas, 2 tables, 2 code blocks, 5 citations and
4 figures that a matplotlib script computes. No text is anybody's: words are drawn from a list.
"""

import random
from dataclasses import dataclass

WORDS = [
    "a",
    "the",
    "of",
    "in",
    "and",
    "to",
    "is",
    "for",
    "with",
    "by",
    "on",
    "that",
    "this",
    "each",
    "from",
    "are",
    "be",
    "as",
    "at",
    "or",
    "it",
    "its",
    "which",
    "can",
    "sum",
    "mean",
    "value",
    "model",
    "layer",
    "weight",
    "vector",
    "matrix",
    "space",
    "point",
    "line",
    "plane",
    "angle",
    "norm",
    "scale",
    "rate",
    "error",
    "bound",
    "limit",
    "order",
    "degree",
    "root",
    "term",
    "factor",
    "product",
    "series",
    "function",
    "measure",
    "sample",
    "test",
    "small",
    "large",
    "first",
    "second",
    "next",
    "last",
    "many",
    "few",
    "every",
    "other",
    "same",
    "given",
    "known",
    "simple",
    "direct",
    "linear",
    "grows",
    "falls",
    "holds",
    "shows",
    "gives",
    "takes",
    "makes",
    "keeps",
    "turns",
    "leads",
    "moves",
    "rests",
    "stays",
    "follows",
    "depends",
    "position",
    "direction",
    "distance",
    "gradient",
    "variance",
    "density",
    "entropy",
    "signal",
    "noise",
    "memory",
    "reading",
    "question",
    "answer",
    "example",
    "result",
    "figure",
    "table",
    "method",
    "effect",
    "reason",
    "pattern",
    "structure",
    "training",
    "computation",
    "comparison",
    "approximation",
    "distribution",
    "representation",
    "transformation",
    "observation",
]

# (TeX, Typst) with two letters and a number to fill in, so that most formulas are unique.
INLINE = (
    (r"{a}_{n}", "{a}_{n}"),
    (r"{a}^2 + {b}^{n}", "{a}^2 + {b}^{n}"),
    (r"\sqrt{{{a}_{n}}}", "sqrt({a}_{n})"),
    (r"\frac{{{a}}}{{{n}{b}}}", "{a}/({n} {b})"),
    (r"{a} \in \mathbb{{R}}^{{{n}}}", "{a} in RR^{n}"),
    (r"\|{a}-{b}\|_{n}", "norm({a}-{b})_{n}"),
)
DISPLAY = (
    (
        r"{a}_{n} = \sum_{{i=1}}^{{{n}}} \frac{{\exp({a}_i)}}{{\sum_j \exp({b}_j)}}",
        "{a}_{n} = sum_(i=1)^{n} exp({a}_i)/(sum_j exp({b}_j))",
    ),
    (
        r"\operatorname{{softmax}}\left(\frac{{QK^\top}}{{\sqrt{{d_{n}}}}}\right){a} = {b}",
        'op("softmax")((Q K^top)/sqrt(d_{n})) {a} = {b}',
    ),
    (
        r"\int_0^{{{n}}} {a}(x)\,\mathrm{{d}}x = \lim_{{m\to\infty}} {b}_m",
        "integral_0^{n} {a}(x) dif x = lim_(m->oo) {b}_m",
    ),
    (
        r"{a} = \begin{{pmatrix}} {b} & {n} \\ 0 & {a}_{n} \end{{pmatrix}}",
        "{a} = mat({b}, {n}; 0, {a}_{n})",
    ),
    (
        r"\|{a}+{b}\| \le \|{a}\| + \|{b}\| + \frac{{1}}{{{n}}}",
        "norm({a}+{b}) <= norm({a}) + norm({b}) + 1/{n}",
    ),
)
LETTERS = "abcfghpqrsuvwxyz"


@dataclass(frozen=True, slots=True)
class Math:
    """A formula in TeX and in Typst's own notation."""

    tex: str
    typst: str


@dataclass(frozen=True, slots=True)
class Cite:
    """A citation of entry `key`."""

    key: str


Piece = str | Math | Cite


@dataclass(frozen=True, slots=True)
class Block:
    """A part of a report: kind is heading, para, display, table, code or figure."""

    kind: str
    pieces: tuple[Piece, ...] = ()
    name: str = ""
    rows: tuple[tuple[str, ...], ...] = ()


def report(number: int, words: int = 1250) -> list[Block]:
    """The blocks of report `number`: 5 sections, each with its share of everything."""
    rng = random.Random(number)
    blocks: list[Block] = []
    for section in range(5):
        blocks.append(Block("heading", (_phrase(rng, 3).capitalize(),), f"part-{section}"))
        for paragraph in range(3):
            pieces: list[Piece] = [*_prose(rng, words // 30), _inline(rng), " "]
            pieces += _prose(rng, words // 30)
            if paragraph == 0:
                pieces += ["As shown before ", Cite(f"source{(number + section) % 40}"), ". "]
            blocks.append(Block("para", tuple(pieces)))
            if paragraph < 2:
                blocks.append(Block("display", (_display(rng),), f"eq-{section}-{paragraph}"))
        if section < 4:
            caption = _phrase(rng, 8).capitalize() + "."
            blocks.append(Block("figure", (caption,), f"plot{section}"))
        if section in (1, 3):
            rows = tuple(tuple(str(rng.randrange(1000)) for _ in range(4)) for _ in range(6))
            blocks.append(
                Block("table", (_phrase(rng, 6).capitalize() + ".",), f"t{section}", rows)
            )
        if section in (0, 2):
            blocks.append(Block("code", (_code(rng),)))
    return blocks


def _phrase(rng: random.Random, count: int) -> str:
    return " ".join(rng.choice(WORDS) for _ in range(count))


def _prose(rng: random.Random, count: int) -> list[Piece]:
    sentences, left = [], count
    while left > 0:
        size = min(left, rng.randrange(8, 16))
        sentences.append(_phrase(rng, size).capitalize() + ". ")
        left -= size
    return ["".join(sentences)]


def _fill(rng: random.Random, forms: tuple[tuple[str, str], ...]) -> Math:
    a, b = rng.sample(LETTERS, 2)
    tex, typst = rng.choice(forms)
    values = {"a": a, "b": b, "n": str(rng.randrange(2, 10))}
    return Math(tex.format(**values), typst.format(**values))


def _inline(rng: random.Random) -> Math:
    return _fill(rng, INLINE)


def _display(rng: random.Random) -> Math:
    return _fill(rng, DISPLAY)


def _code(rng: random.Random) -> str:
    name = rng.choice(WORDS)
    return "\n".join(
        [
            f"def {name}_{rng.randrange(100)}(rows, scale={rng.randrange(9)}):",
            '    """The scaled sum of each row."""',
            "    total = []",
            "    for row in rows:",
            "        total.append(scale * sum(row))",
            "    return total",
        ]
    )


# Drawn by everyone from the same source; only how a figure is stored differs.
DRAW = '''
import numpy as np
from matplotlib.figure import Figure

COLOUR = "C0"


def drawings(seed):
    """Four figures: curves, points, a map, bars."""
    rng = np.random.default_rng(seed)
    x = np.linspace(0, 10, 200)
    made = {}
    for index in range(4):
        fig = Figure(figsize=(5.9, 2.6), layout="constrained")
        axes = fig.subplots(1, 2)
        for k in range(4):
            axes[0].plot(x, np.sin((k + 1) * x / 2 + index) * np.exp(-x / 9), color=COLOUR)
        axes[0].set_xlabel("time")
        axes[0].set_ylabel("amplitude")
        if index % 2:
            axes[1].bar(range(8), rng.random(8), color=COLOUR)
        else:
            axes[1].scatter(rng.normal(size=60), rng.normal(size=60), s=9, color=COLOUR)
        axes[1].set_title(f"sample {index}")
        made[f"plot{index}"] = fig
    return made
'''


def bibliography(entries: int = 40) -> str:
    """A BibTeX file of invented titles; the names are letters, not people."""
    rng = random.Random(0)
    return "\n".join(
        f"@article{{source{n},\n  author = {{A, {LETTERS[n % 16].upper()}.}},\n"
        f"  title = {{{_phrase(rng, 5).capitalize()}}},\n  journal = {{Proceedings}},\n"
        f"  year = {{{1990 + n % 30}}}\n}}\n"
        for n in range(entries)
    )
