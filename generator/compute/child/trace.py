"""What a run depended on: every file read, folder listed, module imported, label → digest.

Digests are taken at the moment of reading, so that a file edited while a long script runs is
found stale afterwards. What native code opens is seen by no hook: it comes through `Run.file`
and `Run.model`.
"""

import contextlib
import importlib.util
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from generator.compute.figures.faces import font_distributions
from generator.digest import digest_source
from generator.errors import Where
from generator.plan.labels import ABSENT, digest_listing, installed_version, normalised

# What decides a drawing's bytes besides the script: the distributions that new_figure brings in.
DRAWING = ("matplotlib", "numpy", "kiwisolver", "contourpy", "pillow")


class Trace:
    """Labels of what was read since the start; `Inputs` of generator.plan.labels finds them again.

    root: the study. skipped: folders below it that are not the study's content (an
    environment, the compiler itself, the cache).
    """

    def __init__(self, root: Path, skipped: Iterable[Path] = ()) -> None:
        self.root = root
        self.labels: dict[str, str] = {}
        # A path may come with links resolved, or as it was given.
        self._prefixes = tuple({f"{root}{os.sep}": 0, f"{root.resolve()}{os.sep}": 0})
        self._skipped = tuple(f"{folder}{os.sep}" for folder in skipped)
        self.paused = 0
        self._scopes: list[set[str]] = []
        self.read_by_module: dict[str, frozenset[str]] = {}
        self.sources: dict[str, str] = {}  # path → text of each of the author's modules
        self.models: dict[str, str] = {}  # path → name of each pinned model handed out
        self.parameters: Mapping[str, str] = {}  # label → what it stands for in this run
        self._distributions: dict[str, str | None] = {}

    def label_of(self, path: str | bytes | os.PathLike[str]) -> str | None:
        """The label of a path of the study; None if it is not the study's content."""
        full = os.path.abspath(os.fsdecode(path))
        for prefix in self._prefixes:
            if full.startswith(prefix) and not full.startswith(self._skipped):
                return full[len(prefix) :].replace(os.sep, "/")
        return None

    def read(self, path: str | bytes | os.PathLike[str]) -> str | None:
        """Note that the file is read now, whether or not it is there; return its label."""
        label = self.label_of(path)
        if label is not None and not self.paused:
            self.note(label, self.present(label))
        return label

    def listed(self, folder: str | bytes | os.PathLike[str]) -> None:
        """Note that the folder's names are read now.

        Not those of the study's own folder: Python lists it for imports whenever it has changed.
        """
        label = self.label_of(folder)
        if label is not None and not self.paused:
            self.note(f"{label}/", self.present(f"{label}/"))

    def present(self, label: str) -> str:
        """The digest of a file or a folder's names: what the run saw, else what is there now."""
        if label in self.labels:
            return self.labels[label]
        if label.startswith("parameter:"):
            return self.parameters.get(label, ABSENT)
        full = self.root / label
        with self.aside():
            try:
                if label.endswith("/"):
                    return digest_listing(os.listdir(full), label)
                return digest_source(full.read_bytes())
            except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
                return ABSENT

    def compiled(self, path: str, source: bytes) -> None:
        """Note that `source`, the content of `path`, was imported."""
        label = self.label_of(path)
        if label is not None:
            self._add_to_scopes(label)
            self.labels[label] = digest_source(source)
            with contextlib.suppress(SyntaxError, UnicodeDecodeError):  # told when it is compiled
                self.sources[path] = importlib.util.decode_source(source)

    @contextmanager
    def scope(self, module: str | None = None) -> Iterator[set[str]]:
        """The set of labels that are read inside; kept in `read_by_module` under `module`."""
        labels: set[str] = set()
        self._scopes.append(labels)
        try:
            yield labels
        finally:
            self._scopes.pop()
            if module is not None:
                self.read_by_module[module] = frozenset(labels)

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Note nothing inside: it is the compiler that reads."""
        self.paused += 1
        try:
            yield
        finally:
            self.paused -= 1

    def _add_to_scopes(self, label: str) -> None:
        for labels in self._scopes:
            labels.add(label)

    def place(self, path: str, line: int | None) -> Where | None:
        """The line as `Where` if it is the author's own code; None if it is a library's."""
        label = None if path.startswith("<") else self.label_of(path)
        return None if label is None else Where(label, line)

    def note(self, label: str, value: str) -> None:
        """Note an input that is no file: a pin, a seed."""
        self._add_to_scopes(label)
        self.labels[label] = value

    def drawing(self) -> None:
        """Note the versions that decide how a figure looks."""
        for name in (*DRAWING, *font_distributions()):
            self.note(f"version:{name}", self.installed(name))

    def imported(self, package: str) -> None:
        """Note the version of the distribution that the top-level `package` belongs to."""
        version = self.version_of(package)
        if version is not None:
            self.note(*version)

    def version_of(self, package: str) -> tuple[str, str] | None:
        """Label and version of the distribution of `package`; None if none installed it."""
        if package in sys.stdlib_module_names or package in ("common", "compute", "generator"):
            return None
        if package not in self._distributions:
            with self.aside():
                self._distributions[package] = distribution_of(package)
        name = self._distributions[package]
        return None if name is None else (f"version:{name}", self.installed(name))

    def installed(self, distribution: str) -> str:
        """The installed version of a distribution."""
        known = self.labels.get(f"version:{distribution}")
        if known is None:
            with self.aside():
                known = installed_version(distribution) or ABSENT
        return known


def distribution_of(package: str) -> str | None:
    """The distribution that installed the top-level `package`, as PEP 503 writes it."""
    # Asking for the distribution of the same name is 100 times faster than mapping them all.
    if installed_version(package) is not None:
        return normalised(package)
    from importlib.metadata import packages_distributions

    names = packages_distributions().get(package)
    return normalised(names[0]) if names else None
