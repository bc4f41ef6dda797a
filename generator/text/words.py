"""The few words that the compiler itself puts on a page, by language."""

from collections.abc import Mapping
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one language.

    kinds: label prefix → (word in a caption or at the head of a sentence, word inside one).
    section, appendix: how a reference to one reads. solution: the title of a solution, with its
    exercise.
    others: what follows the first author's name where there are more than two.
    ordinals: what follows a number that counts editions: the usual ending, those of 1, 2 and 3.
    """

    kinds: Mapping[str, tuple[str, str]]
    section: str
    appendix: str
    solution: str
    references: str
    terms: str
    and_two: str
    others: str
    edition: str
    ordinals: tuple[str, str, str, str]
    volume: str
    pages: tuple[str, str]
    editors: str
    source: str
    no_date: str
    admonitions: Mapping[str, str]

    def edition_of(self, edition: str) -> str:
        """An entry's edition, "3" or "Third", as the list of references has it: "3rd ed."."""
        if edition.isascii() and edition.isdigit():
            last = int(edition[-1])
            teen = edition[-2:-1] == "1"
            edition += self.ordinals[last if last < 4 and not teen else 0]
        elif edition.isalpha():
            edition = edition.lower()
        return self.edition.format(edition)


_ENGLISH = Words(
    kinds={
        "fig": ("Figure", "Figure"),
        "tbl": ("Table", "Table"),
        "eq": ("Equation", "equation"),
        "sec": ("Section", "Section"),
        "lst": ("Listing", "Listing"),
        "app": ("Appendix", "Appendix"),
        "thm": ("Theorem", "Theorem"),
        "lem": ("Lemma", "Lemma"),
        "prp": ("Proposition", "Proposition"),
        "cor": ("Corollary", "Corollary"),
        "cnj": ("Conjecture", "Conjecture"),
        "exm": ("Example", "Example"),
        "rem": ("Remark", "Remark"),
        "exr": ("Exercise", "Exercise"),
        "def": ("Definition", "Definition"),
    },
    section="Section {number}",
    appendix="Appendix {number}",
    solution="Solution of {}",
    references="References",
    terms="Terms",
    and_two=" and ",
    others=" et al.",
    edition="{} ed.",
    ordinals=("th", "st", "nd", "rd"),
    volume="vol. {}",
    pages=("p. {}", "pp. {}"),
    editors="ed.",
    source="Source: ",
    no_date="n.d.",
    admonitions={
        "note": "Note",
        "tip": "Tip",
        "important": "Important",
        "warning": "Warning",
        "caution": "Caution",
        "question": "Question",
        "example": "Example",
        "theorem": "Theorem",
        "lemma": "Lemma",
        "proposition": "Proposition",
        "corollary": "Corollary",
        "conjecture": "Conjecture",
        "definition": "Definition",
        "remark": "Remark",
        "exercise": "Exercise",
        "proof": "Proof",
        "solution": "Solution",
    },
)

_KOREAN = Words(
    kinds={
        "fig": ("그림", "그림"),
        "tbl": ("표", "표"),
        "eq": ("식", "식"),
        "sec": ("절", "절"),
        "lst": ("코드", "코드"),
        "app": ("부록", "부록"),
        "thm": ("정리", "정리"),
        "lem": ("보조정리", "보조정리"),
        "prp": ("명제", "명제"),
        "cor": ("따름정리", "따름정리"),
        "cnj": ("추측", "추측"),
        "exm": ("예", "예"),
        "rem": ("비고", "비고"),
        "exr": ("연습 문제", "연습 문제"),
        "def": ("정의", "정의"),
    },
    section="{number}절",
    appendix="부록 {number}",
    solution="{} 풀이",
    references="참고 문헌",
    terms="용어",
    and_two="·",
    others=" 외",
    edition="{}판",
    ordinals=("", "", "", ""),
    volume="{}권",
    pages=("{}쪽", "{}쪽"),
    editors="편",
    source="출처: ",
    no_date="연도 미상",
    admonitions={
        "note": "참고",
        "tip": "도움말",
        "important": "중요",
        "warning": "경고",
        "caution": "주의",
        "question": "질문",
        "example": "예",
        "theorem": "정리",
        "lemma": "보조정리",
        "proposition": "명제",
        "corollary": "따름정리",
        "conjecture": "추측",
        "definition": "정의",
        "remark": "비고",
        "exercise": "연습 문제",
        "proof": "증명",
        "solution": "풀이",
    },
)


_NAMES = {
    "fig": "figure", "tbl": "table", "eq": "equation", "sec": "section", "lst": "listing",
    "app": "appendix", "thm": "theorem", "lem": "lemma", "prp": "proposition", "cor": "corollary",
    "cnj": "conjecture", "exm": "example", "rem": "remark", "exr": "exercise", "def": "definition",
}  # fmt: skip


def words_of(language: str, own: Mapping[str, str] | None = None) -> Words:
    """The words of `language` (a tag such as "ko" or "ko-KR"), in English where we know none.

    own: what a study says in place of ours, by the names of `study/words`.
    """
    usual = _KOREAN if language.partition("-")[0] == "ko" else _ENGLISH
    return _with_own(usual, own) if own else usual


def _with_own(usual: Words, own: Mapping[str, str]) -> Words:
    """`usual` with the words of a study in their places."""
    kinds = dict(usual.kinds)
    for kind, name in _NAMES.items():
        if name in own:
            word = own[name].replace("{number}", "").strip()
            kinds[kind] = (word, word)
    numbered = {
        name: own[name] if "{number}" in own[name] else f"{own[name]} {{number}}"
        for name in ("section", "appendix")
        if name in own
    }
    said = {
        name: own[name]
        for name in ("references", "terms", "edition", "volume", "editors", "no_date")
        if name in own
    }
    if "edition" in said:
        numbered["edition"] = said.pop("edition")
    others = {"others": f" {own['others']}"} if "others" in own else {}
    pages = (own.get("page", usual.pages[0]), own.get("pages", usual.pages[1]))
    return replace(
        usual,
        kinds=kinds,
        **numbered,
        **said,
        **others,
        solution=own.get("solution_of", usual.solution),
        and_two=f" {own['and']} " if "and" in own else usual.and_two,
        ordinals=("", "", "", "") if "edition" in own else usual.ordinals,
        pages=pages,
        source=f"{own['source']}: " if "source" in own else usual.source,
        admonitions={name: own.get(name, word) for name, word in usual.admonitions.items()},
    )
