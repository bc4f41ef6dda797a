"""What a run depended on: every file read, folder listed, module imported, label → digest.

Digests are taken at the moment of reading, so that a file edited while a long script runs is
found stale afterwards. What native code opens is seen by no hook: it comes through `Run.file`
and `Run.model`.
"""

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from generator.compute.plot_fonts import font_distributions
from generator.digest import digest_source
from generator.errors import Where
from generator.inputs import ABSENT, digest_listing, installed_version, normalised

# What decides a drawing's bytes besides the script: the distributions that new_figure brings in.
DRAWING = ("matplotlib", "numpy", "kiwisolver", "contourpy", "pillow")


class Trace:
    """Labels of what was read since the start; `Inputs` of generator.inputs finds them again.

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
        if label is None or self.paused:
            return label
        self._add_to_scopes(label)
        if label in self.labels:
            return label
        with self.aside():  # opening it must not be noted again
            try:
                with open(path, "rb") as file:
                    self.labels[label] = digest_source(file.read())
            except (FileNotFoundError, NotADirectoryError):
                self.labels[label] = ABSENT
            except IsADirectoryError:
                return None
        return label

    def listed(self, folder: str | bytes | os.PathLike[str]) -> None:
        """Note that the folder's names are read now."""
        at_root = os.path.join(os.path.abspath(os.fsdecode(folder)), "") in self._prefixes
        label = "." if at_root else self.label_of(folder)
        if label is None or self.paused:
            return
        label += "/"
        self._add_to_scopes(label)
        if label in self.labels:
            return
        with self.aside():
            try:
                names = os.listdir(os.fsdecode(folder))
                self.labels[label] = digest_listing(names)
            except (FileNotFoundError, NotADirectoryError):
                self.labels[label] = ABSENT

    def compiled(self, path: str, source: bytes) -> None:
        """Note that `source`, the content of `path`, was imported."""
        label = self.label_of(path)
        if label is not None:
            self._add_to_scopes(label)
            self.labels[label] = digest_source(source)

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
            self._note_version(name)

    def imported(self, package: str) -> None:
        """Note the version of the distribution that the top-level `package` belongs to."""
        if package in sys.stdlib_module_names or package in ("common", "generator"):
            return
        if package not in self._distributions:
            with self.aside():
                self._distributions[package] = distribution_of(package)
        name = self._distributions[package]
        if name is not None:
            self._note_version(name)

    def _note_version(self, distribution: str) -> None:
        label = f"version:{distribution}"
        if label not in self.labels:
            with self.aside():
                self.labels[label] = installed_version(distribution) or ABSENT
        self._add_to_scopes(label)


def distribution_of(package: str) -> str | None:
    """The distribution that installed the top-level `package`, as PEP 503 writes it."""
    # Asking for the distribution of the same name is 100 times faster than mapping them all.
    if installed_version(package) is not None:
        return normalised(package)
    from importlib.metadata import packages_distributions

    names = packages_distributions().get(package)
    return normalised(names[0]) if names else None
