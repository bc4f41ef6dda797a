"""What an input label stands for now: the digest or version to compare a record with.

A label names one thing that a product was made from:

    reports/common/minilm.py         a file: `digest_file`
    reports/week-07/data/            a listed folder: digest of its sorted names
    reports/week-07/compute.py::f    the source of function f in that file
    reports/references.bib@key       one entry of the bibliography
    reports/glossary.toml@term       one term of the glossary
    reports/macros.tex@name          one command of formulas
    study.toml#week-07               what the study says about one report
    results, results:scaling.svg     a report's numbers, or one of its drawings
    sources                          what a report's record says of its script: inputs and outputs
    template:report.css              a template, the study's own or ours
    model:minilm                     a pinned model, by the SHA-256 in models.toml
    version:torch                    a locked (else installed) distribution
    parameter:temperature            a parameter's value for the report, as JSON
    accelerator                      whether the report's script may compute on a GPU
    machine                          where its results were made
    seed, contract, renderer         numbers
"""

import json
import os
import re
import sys
import time
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from stat import S_ISDIR

from generator.digest import canonical_json, digest_bytes, digest_source, read_json
from generator.errors import StudyError
from generator.machine.shipped import template_file
from generator.model import Parameter, Report, Study, Week
from generator.plan.parts import bib_entries, function_source, tex_entries, toml_entries
from generator.plan.said import said
from generator.store.cache import write_whole
from generator.store.files import ANY_SIZE, read_study_file, read_study_text
from generator.store.record import CONTRACT, RENDERER, computation_json, load_record

# A file changed within this time of being hashed may change again with the same time stamp
# (git calls such an entry racy), so its digest is not remembered.
RACY_NS = 2_000_000_000

# What a record says of a file that a script looked for and did not find.
ABSENT = "absent"

# What `accelerator` stands for where study.toml says accelerator = true.
ALLOWED = "allowed"


def parameter_label(name: str, value: Parameter) -> tuple[str, str]:
    """The label of a parameter, and what it stands for."""
    return f"parameter:{name}", json.dumps(value, ensure_ascii=False)


@dataclass(slots=True)
class Inputs:
    """Present digests of labels, each found once; `save` keeps file digests for the next process.

    verify: hash every file again instead of trusting its size, time and inode.
    """

    root: Path
    study: Study
    verify: bool = False
    _stats: dict[str, list[object]] = field(default_factory=dict)
    _changed: bool = False
    _versions: dict[str, str] | None = None
    _models: dict[str, str] | None = None
    _entries: dict[str, tuple[str, dict[str, str]]] = field(default_factory=dict)
    _reports: dict[str, tuple[Week, Report]] | None = None
    _shipped: dict[str, str] = field(default_factory=dict)
    _installed: dict[str, str | None] = field(default_factory=dict)

    @classmethod
    def load(cls, root: Path, study: Study, *, verify: bool = False) -> "Inputs":
        """Inputs that know the file digests which an earlier process on this machine found."""
        stats: dict[str, list[object]] = {}
        if not verify:
            try:
                known = read_json((root / ".study" / "digests.json").read_bytes())
                stats = {k: v for k, v in known.items() if isinstance(v, list)}
            except (OSError, ValueError, AttributeError):
                stats = {}
        return cls(root, study, verify, stats)

    def save(self) -> None:
        """Keep what was hashed; a folder that cannot be written to only costs time."""
        if not self._changed:
            return
        try:
            (self.root / ".study").mkdir(exist_ok=True)
            content = json.dumps(self._stats, separators=(",", ":")).encode()
            write_whole(self.root / ".study" / "digests.json", content, durable=False)
        except OSError:
            return

    def present(self, label: str, report: str) -> str | None:
        """The digest or version that `label` of `report` has now; None if it is not there."""
        kind, colon, name = label.partition(":")
        if colon and not name.startswith(":"):
            return self._named(kind, name, report)
        if label in ("seed", "contract", "renderer"):
            numbers = {"seed": self.study.seed, "contract": CONTRACT, "renderer": RENDERER}
            return str(numbers[label])
        if label == "accelerator":
            found = self._report(report)
            return ALLOWED if found and found.accelerator else None
        if label == "machine":
            return load_record(self.root, report).machine or None
        if label == "results":
            return self.file(f"figures/{report}/results.json")
        if label == "sources":
            return self._sources(report)
        if "::" in label:
            path, _, function = label.partition("::")
            return self._part(label, path, lambda text: function_source(text, function))
        if "@" in label:
            path, _, key = label.partition("@")
            return self._entry(path, key)
        if label.startswith("study.toml#"):
            return self._said(label.removeprefix("study.toml#"))
        if label.endswith("/"):
            return self._listing(label)
        return self.file(label)

    def file(self, path: str) -> str | None:
        """`digest_source` of the file at `path`; None if it is not there."""
        full = os.path.join(self.root, path)
        try:
            stat = os.stat(full)
        except (FileNotFoundError, NotADirectoryError):
            return None
        seen = self._stats.get(path)
        stamp = [stat.st_size, stat.st_mtime_ns, stat.st_ino]
        if seen and not self.verify and seen[:3] == stamp:
            return str(seen[3])
        if S_ISDIR(stat.st_mode):
            return None
        try:
            digest = digest_source(read_study_file(self.root, path, ANY_SIZE))
        except FileNotFoundError:
            return None
        self._remember(path, stamp, digest)
        return digest

    def _remember(self, path: str, stamp: list[int], digest: str) -> None:
        # The file system's own clock, read from a file of ours, would be exact; the machine's
        # clock differs from it by far less than RACY_NS on anything but a network share.
        self._stats.pop(path, None)
        if time.time_ns() - stamp[1] > RACY_NS:
            self._stats[path] = [*stamp, digest]
        self._changed = True

    def _sources(self, report: str) -> str | None:
        try:
            record = load_record(self.root, report)
        except StudyError:
            return None
        return digest_bytes(computation_json(record))

    def _named(self, kind: str, name: str, report: str) -> str | None:
        if kind == "version":
            return self.version(name)
        if kind == "results":
            return self.file(f"figures/{report}/{name}")
        if kind == "model":
            return self.model(name)
        if kind == "template":
            return self._template(name)
        if kind == "parameter":
            found = self._report(report)
            values = self.study.parameters_of(found) if found else {}
            return parameter_label(name, values[name])[1] if name in values else None
        return None

    def _report(self, report_id: str) -> Report | None:
        found = self._known_reports().get(report_id)
        return found[1] if found else None

    def _known_reports(self) -> Mapping[str, tuple[Week, Report]]:
        if self._reports is None:
            self._reports = {report.id: (week, report) for week, report in self.study.reports()}
        return self._reports

    def _template(self, name: str) -> str | None:
        try:
            path = template_file(self.root, name)
        except FileNotFoundError:
            return None
        if path.is_relative_to(self.root):
            return self.file(path.relative_to(self.root).as_posix())
        if name not in self._shipped:  # nobody edits an installed wheel while we run
            self._shipped[name] = digest_source(path.read_bytes())
        return self._shipped[name]

    def version(self, distribution: str) -> str | None:
        """The version that the study's locks name, else the installed one; None if neither.

        A study may lock only what its scripts import besides ours.
        """
        if distribution in self.locked:
            return self.locked[distribution]
        if distribution not in self._installed:  # a thousand reports ask for the same few
            self._installed[distribution] = installed_version(distribution)
        return self._installed[distribution]

    @property
    def locked(self) -> Mapping[str, str]:
        """Distribution → version in the study's locks; empty if it has none."""
        if self._versions is None:
            self._versions = locked_versions(self.root)
        return self._versions

    def model(self, name: str) -> str | None:
        """The SHA-256 that models.toml pins for the model `name`."""
        if self._models is None:
            try:
                data = tomllib.loads(read_study_text(self.root, "models.toml"))
            except (FileNotFoundError, ValueError):
                data = {}
            self._models = {
                key: str(pin.get("sha256")) for key, pin in data.items() if isinstance(pin, dict)
            }
        return self._models.get(name)

    def _part(self, label: str, path: str, part: Callable[[str], str | None]) -> str | None:
        """The digest of a part of a file, remembered as long as the file is the same."""
        whole = self.file(path)
        if whole is None:
            return None
        seen = self._stats.get(label)
        if seen and not self.verify and seen[0] == whole:
            return str(seen[1])
        # What is not UTF-8 is told by who reads it for its sense.
        source = part(read_study_text(self.root, path, "replace"))
        if source is None:
            return None
        digest = digest_bytes(source.encode())
        self._stats[label] = [whole, digest]
        self._changed = True
        return digest

    def _entry(self, path: str, key: str) -> str | None:
        whole = self.file(path)
        if whole is None:
            return None
        known = self._entries.get(path)
        if known is None or known[0] != whole:
            text = read_study_text(self.root, path, "replace")
            found = _ENTRIES.get(path.rpartition(".")[2], bib_entries)(text)
            entries = {name: digest_bytes(entry.encode()) for name, entry in found.items()}
            known = self._entries[path] = (whole, entries)
        return known[1].get(key)

    def _said(self, report_id: str) -> str | None:
        known = self._known_reports().get(report_id)
        return digest_bytes(canonical_json(said(self.study, *known))) if known else None

    def _listing(self, label: str) -> str | None:
        try:
            names = sorted(os.listdir(self.root / label))
        except (FileNotFoundError, NotADirectoryError):
            return None
        return digest_listing(names, label)


_REPORT = re.compile(r"reports/[^/]+/")


_ENTRIES = {"toml": toml_entries, "tex": tex_entries}


def digest_listing(names: list[str], label: str = "") -> str:
    """Digest of a folder's listing: its sorted names, without what Python and editors leave.

    label: of the folder. A report's own is listed without the PDFs, which a build puts there.
    """
    if _REPORT.fullmatch(label):
        names = [name for name in names if not name.endswith(".pdf")]
    kept = [n for n in names if n != "__pycache__" and not n.endswith((".pyc", ".swp", "~"))]
    return digest_bytes("\n".join(sorted(kept)).encode())


_PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;+]+)", re.MULTILINE)


def locked_versions(root: Path) -> dict[str, str]:
    """Distribution → version of every pin in locks/*.txt, local parts such as +cpu dropped."""
    versions: dict[str, str] = {}
    for path in sorted((root / "locks").glob("*.txt")):
        for name, version in _PIN.findall(read_study_text(root, f"locks/{path.name}", "replace")):
            versions[normalised(name)] = version
    return versions


def normalised(distribution: str) -> str:
    """The name of a distribution as PEP 503 compares it."""
    return re.sub(r"[-_.]+", "-", distribution).lower()


def installed_version(distribution: str) -> str | None:
    """The installed version without its local part; None if it is not installed."""
    return _installed(tuple(sys.path)).get(normalised(distribution))


@cache
def _installed(folders: tuple[str, ...]) -> Mapping[str, str]:
    """Distribution → version of everything installed in `folders`; the first folder wins.

    Read off the names of the .dist-info folders, which the wheel format fixes (PEP 427, PEP 376):
    importlib.metadata opens and parses a file for each, a millisecond a distribution.
    """
    found: dict[str, str] = {}
    for folder in folders:
        try:
            names = os.listdir(folder or ".")
        except OSError:
            continue
        for name in names:
            stem, dot, ending = name.rpartition(".")
            if dot and ending == "dist-info" and "-" in stem:
                distribution, _, version = stem.partition("-")
                found.setdefault(normalised(distribution), version.partition("+")[0])
    return found
