"""What a report's PDF carries: all that its page and its numbers are made from.

Each file lies under its path in the study, texts with LF line ends, so that whoever takes them out
into a folder has a small study. Of files that many reports share it is the part that this one uses:
a source that another report cites changes no byte here.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath

from generator.digest import canonical_json
from generator.errors import StudyError
from generator.machine.shipped import shipped_folder, template_file
from generator.model import Attachment, Record, Report, Study, Week
from generator.plan.parts import bib_entries, tex_entries, toml_entries
from generator.store.files import read_study_file
from generator.store.record import computation_json
from generator.study.part import PART, part_json, part_of

MOST_BYTES = 256 * 1024  # of a file that a script reads; larger ones are named by their digest
PINS = "locks/study.txt"
PAGE = "page.json"
_OURS = ("renderer", "template:")  # what the compiler itself brings

_MACRO = re.compile(r"^[ \t]*@string[ \t]*[{(].*$", re.MULTILINE | re.IGNORECASE)
_TABLE = re.compile(r"^[ \t]*\[+[ \t]*[\"']?([^\]\"'.]+?)[\"']?[ \t]*[\].]", re.MULTILINE)
_MEDIA = {
    ".bib": "application/x-bibtex",
    ".csv": "text/csv",
    ".json": "application/json",
    ".md": "text/markdown",
    ".py": "text/x-python",
    ".svg": "image/svg+xml",
    ".tex": "text/x-tex",
    ".toml": "application/toml",
    ".txt": "text/plain",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
}


def sources(
    root: Path,
    study: Study,
    week: Week,
    report: Report,
    language: str,
    record: Record,
    labels: Mapping[str, str],
) -> tuple[Attachment, ...]:
    """The files that the PDF of `report` in `language` carries.

    record: how its results came about. labels: label → digest of all that the page is made from.
    """
    others = [label.removeprefix("study.toml#") for label in labels if label.startswith("study.t")]
    named = [label.partition(":") for known in (labels, record.inputs) for label in known]
    parameters = {name for kind, _, name in named if kind == "parameter"}
    part = part_json(part_of(study, week, report, language, others, parameters))
    versions = _versions((record.inputs, labels))
    pins = "".join(f"{name}=={version}\n" for name, version in sorted(versions.items()))
    shown = {label: digest for label, digest in labels.items() if label.startswith(_OURS)}
    page = canonical_json({"language": language, "report": report.id, "inputs": shown})
    made = [
        Attachment(PART, part, _MEDIA[".json"], "Source", "What study.toml says of this report"),
        Attachment(PAGE, page, _MEDIA[".json"], "Supplement", "What the page was made from"),
        Attachment(
            PINS, pins.encode(), _MEDIA[".txt"], "Supplement", "The versions it was made by"
        ),
    ]
    paths: dict[str, str] = {}
    if report.script:
        folder = f"figures/{report.id}"
        about = computation_json(record)
        made.append(
            Attachment(
                f"{folder}/record.json",
                about,
                _MEDIA[".json"],
                "Supplement",
                "What the numbers were made from",
            )
        )
        paths[f"{folder}/results.json"] = "The numbers, tables and figures that the text quotes"
        paths[report.script] = "The script that made the numbers and figures"
        for label in record.inputs:
            if _is_file(root, label):
                paths.setdefault(label, "Read by the script")
    paths[dict(report.texts)[language]] = "The text"
    for label in labels:
        path = label.partition("::")[0]
        if label.startswith("template:"):
            path = _own_template(root, label.removeprefix("template:"))
        if _is_file(root, path):
            paths.setdefault(path, "Shown on the page")
    made += [found for path, what in paths.items() if (found := _whole(root, path, what))]
    made += _parts(root, labels)
    return tuple(made)


def paths_shown(labels: Iterable[str]) -> set[str]:
    """The files of which a PDF shows a function, and which it carries whole."""
    return {label.partition("::")[0] for label in labels if "::" in label}


def _versions(inputs: Iterable[Mapping[str, str]]) -> dict[str, str]:
    return {
        label.removeprefix("version:"): version
        for known in inputs
        for label, version in known.items()
        if label.startswith("version:")
    }


def _is_file(root: Path, label: str) -> bool:
    """Whether `label` is the path of a file of the study."""
    return ":" not in label and "@" not in label and "#" not in label and (root / label).is_file()


def _own_template(root: Path, name: str) -> str:
    """The path of a template of the study's own; "" for ours."""
    try:
        path = template_file(root, name)
    except FileNotFoundError:
        return ""
    own = path.is_relative_to(root / "templates") and root / "templates" != shipped_folder()
    return path.relative_to(root).as_posix() if own else ""


def _whole(root: Path, path: str, what: str) -> Attachment | None:
    """The file at `path`; None if it is too large, or can't be read."""
    try:
        content = read_study_file(root, path)
    except (OSError, StudyError):
        return None
    if len(content) > MOST_BYTES and what == "Read by the script":
        return None
    ending = PurePosixPath(path).suffix.lower()
    relation = "Data" if ending in (".csv", ".txt") or path.endswith("results.json") else "Source"
    return Attachment(
        path, _plain(content), _MEDIA.get(ending, "application/octet-stream"), relation, what
    )


def _plain(content: bytes) -> bytes:
    """`content`; of a text with LF line ends and no byte order mark, as its digest has it."""
    if b"\0" in content:
        return content
    return content.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n")


def _parts(root: Path, labels: Iterable[str]) -> Iterator[Attachment]:
    """Of the bibliography and the glossary the entries that the page shows."""
    wanted: dict[str, set[str]] = {}
    for label in labels:
        path, at, key = label.partition("@")
        if at and ":" not in label:
            wanted.setdefault(path, set()).add(key)
    for path, keys in sorted(wanted.items()):
        text = _plain(read_study_file(root, path)).decode("utf-8", "replace")
        ending = PurePosixPath(path).suffix
        if ending == ".tex":
            commands = tex_entries(text)
            part = "".join(f"{commands[key]}\n" for key in sorted(keys) if key in commands)
        else:
            part = _tables(text, keys) if ending == ".toml" else _entries(text, keys)
        what = "The entries that the page shows"
        yield Attachment(path, part.encode(), _MEDIA[ending], "Source", what)


def _entries(text: str, keys: set[str]) -> str:
    """The entries `keys` of a BibTeX file, and the words that entries may share."""
    entries = bib_entries(text)
    found = [*_MACRO.findall(text), *(entries[key] for key in sorted(keys) if key in entries)]
    return "\n\n".join(found) + "\n"


def _tables(text: str, keys: set[str]) -> str:
    """The tables `keys` of a TOML file, as they stand there."""
    heads = list(_TABLE.finditer(text))
    ends = [*(head.start() for head in heads[1:]), len(text)]
    parts: dict[str, str] = {}
    for head, end in zip(heads, ends, strict=True):
        if head[1] in keys:
            before = parts.get(head[1], "")
            parts[head[1]] = f"{before}{text[head.start() : end].rstrip()}\n"
    part = "\n".join(parts[key] for key in sorted(parts))
    whole, found = toml_entries(text), toml_entries(part)
    # A line inside of a text or a list may look like a head.
    return part if all(found.get(key) == whole.get(key) for key in keys) else text
