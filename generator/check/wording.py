"""Words of the README and of study.toml: typed numbers, misspellings, the study's own wording."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from generator.check.finding import Finding, Severity
from generator.check.history import Kept
from generator.check.texts import bare_text
from generator.digest import digest_bytes
from generator.errors import StudyError, Where
from generator.model import Phrase, Study
from generator.publish.readme.editions import editions
from generator.publish.readme.markers import find_blocks, outside_blocks
from generator.store.files import read_study_text, study_text
from generator.study.readme import BLOCKS
from generator.text.values.numbers import typed_numbers

# Slips that are no words of English, common enough to be worth a look in every study.
MISSPELLINGS: Mapping[str, str] = {
    "accross": "across",
    "acheive": "achieve",
    "algoritm": "algorithm",
    "architechture": "architecture",
    "begining": "beginning",
    "calulate": "calculate",
    "compatability": "compatibility",
    "convergance": "convergence",
    "definately": "definitely",
    "dependance": "dependence",
    "desription": "description",
    "devided": "divided",
    "dimention": "dimension",
    "enconding": "encoding",
    "experiement": "experiment",
    "funtion": "function",
    "gradiant": "gradient",
    "independant": "independent",
    "langauge": "language",
    "lenght": "length",
    "mesure": "measure",
    "neccessary": "necessary",
    "netowrk": "network",
    "occured": "occurred",
    "paramter": "parameter",
    "perfomance": "performance",
    "postion": "position",
    "probablity": "probability",
    "recieve": "receive",
    "refered": "referred",
    "reponse": "response",
    "seperate": "separate",
    "similarty": "similarity",
    "succesful": "successful",
    "teh": "the",
    "vizualisation": "visualisation",
}


def number_findings(root: Path, study: Study) -> list[Finding]:
    """Typed numbers among the README's own words and the texts of study.toml."""
    if study.numbers == "off":
        return []
    severity: Severity = "warning" if study.numbers == "warn" else "error"
    problems = [p for one in editions(root, study) for p in _readme_numbers(root, one)]
    problems += _study_numbers(root, study)
    return [
        Finding(
            "numbers",
            problem.message,
            problem.where or Where("study.toml"),
            "let a report compute it and link there; a number that is no result (a version, a"
            " setting) stands as code: `0.5`",
            severity,
        )
        for problem in dict.fromkeys(problems)
    ]


def _study_numbers(root: Path, study: Study) -> Iterator[StudyError]:
    source = read_study_text(root, "study.toml")
    about = [study.title, study.description, *study.audience, *study.methodology]
    parts = [(1, about)]
    for week in study.weeks:
        phrases = [week.title, week.objective, week.progress, week.topic]
        for report in week.reports:
            phrases += [report.title, report.objective, report.resource]
            phrases += [*report.prerequisites, *report.outcomes]
        parts.append(((week.where.line if week.where else None) or 1, phrases))
    for line, phrases in parts:
        for text in dict.fromkeys(_texts(phrases)):
            if any(letter.isdigit() for letter in text):
                yield from typed_numbers(text, "study.toml", _line_of(text, source, line))


def _line_of(text: str, source: str, line: int) -> int:
    """The line from `line` on where study.toml says `text`; `line` where it runs over several."""
    lines = source.splitlines()
    places = (n for n in range(line, len(lines) + 1) if text in lines[n - 1])
    return next(places, line)


def _texts(phrases: Iterable[Phrase]) -> Iterator[str]:
    for phrase in phrases:
        for _, text in phrase.texts:
            yield text


def _readme_numbers(root: Path, study: Study) -> Iterable[StudyError]:
    path = study.readme.file
    try:
        text = read_study_text(root, path)
        blocks = find_blocks(text, path, BLOCKS)
    except (OSError, StudyError, UnicodeDecodeError, ExceptionGroup):
        return []  # said where the README is checked
    own = re.sub(r"<!--.*?-->", _blank, outside_blocks(text, blocks), flags=re.DOTALL)
    return typed_numbers(own, path)


def _blank(match: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", match.group())


def wording_findings(root: Path, study: Study, files: Sequence[str], kept: Kept) -> list[Finding]:
    """Misspelt words, and words that study.toml says the study does not use."""
    wanted = {wrong.casefold(): right for wrong, right in MISSPELLINGS.items()}
    wanted |= {wrong.casefold(): right for wrong, right in study.check.wording}
    pattern = re.compile(
        rf"(?<!\w)(?:{'|'.join(sorted(map(re.escape, wanted), key=len, reverse=True))})(?!\w)",
        re.IGNORECASE,
    )
    kind = f"wording {digest_bytes(pattern.pattern.encode())} "
    findings = []
    for path in files:
        if not path.endswith(".md") and path != "study.toml":
            continue
        text = study_text(root, path)
        if text is None:
            continue  # said elsewhere
        search = partial(_matches, pattern, text, own=path == "study.toml")
        for word, line in kept.of(f"{kind}{path == 'study.toml'}", text, search):
            right = wanted[word.casefold()]
            findings.append(
                Finding("wording", f"found '{word}'", Where(path, line), f"write '{right}'")
            )
    return findings


def _matches(pattern: re.Pattern[str], text: str, *, own: bool) -> list[tuple[str, int]]:
    """Words of `text` that the pattern finds, with their lines. own: it is study.toml."""
    if not pattern.search(text):
        return []
    text = _without_wording(text) if own else bare_text(text)
    return [(m.group(), text.count("\n", 0, m.start()) + 1) for m in pattern.finditer(text)]


def _without_wording(text: str) -> str:
    """study.toml with the table that names the wrong words blanked."""
    return re.sub(r"^\[check\.wording\].*?(?=^\[|\Z)", _blank, text, flags=re.DOTALL | re.MULTILINE)
