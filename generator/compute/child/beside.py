"""Reading by a name without a folder before it: what is no passing file lies beside the script.

A script works in a scratch folder, which takes what it writes. A path that is not there, and is
there in the report's folder, is read from the report's folder, by whatever of Python opens it;
native code that opens files by itself is given them by `run.file`.
"""

import builtins
import glob
import io
import os
import re
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from generator.compute.child.trace import Trace

_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_UNNAMED = re.compile(r"tmp[a-z0-9_]{8}")  # what tempfile makes


class Beside:
    """Where a path that a script reads leads. folder: the script's. scratch: where it works."""

    def __init__(self, folder: Path, scratch: Path, trace: Trace) -> None:
        self._folder = str(folder)
        self._here = str(scratch)
        # As it was given, and as the system names the current folder.
        self._scratch = tuple({f"{scratch}{os.sep}": 0, f"{scratch.resolve()}{os.sep}": 0})
        self._trace = trace
        self._lstat, self._scandir = os.lstat, os.scandir
        self._before = set(self._passing(self._here))

    def install(self) -> None:
        """From now on, in this process, paths are led to the script's folder."""
        open_file, open_number = builtins.open, os.open
        list_names, connect = os.listdir, sqlite3.connect

        def opened(file: Any, mode: str = "r", *rest: Any, **named: Any) -> Any:
            if isinstance(mode, str) and not set("wax+") & set(mode):
                file = self.led(file, missing=True)
            return open_file(file, mode, *rest, **named)

        def opened_by_number(path: Any, flags: int, *rest: Any, **named: Any) -> int:
            if not flags & _WRITES and named.get("dir_fd") is None:
                path = self.led(path, missing=True)
            return open_number(path, flags, *rest, **named)

        def listed(path: Any = ".") -> list[Any]:
            names: list[Any] = list_names(self.led(path))
            if self._is_scratch(path):
                names += sorted(set(list_names(self._folder)) - set(names))
            return names

        def scanned(path: Any = ".") -> Any:
            entries = self._scandir(self.led(path))
            if self._is_scratch(path):
                return _Scanned(entries, self._scandir(self._folder))
            return entries

        def connected(database: Any, *rest: Any, **named: Any) -> Any:
            return connect(self.led(database), *rest, **named)

        builtins.open = io.open = opened
        os.open, os.listdir, os.scandir = opened_by_number, listed, scanned
        os.stat, os.lstat = self._leading(os.stat), self._leading(os.lstat)
        os.access = self._leading(os.access)
        sqlite3.connect = connected
        # Since Python 3.13 the classes of glob keep these functions.
        for part in vars(glob).values():
            for name in ("lstat", "scandir"):
                if isinstance(part, type) and name in vars(part):
                    setattr(part, name, staticmethod(getattr(os, name)))

    def written(self) -> list[str]:
        """The files in the scratch folder that were not there at the start."""
        return sorted(set(self._passing(self._here)) - self._before)

    def led(self, path: Any, *, missing: bool = False) -> Any:
        """`path`, or the file beside the script that it means.

        missing: note what is in neither place, so that the run is stale once it is there.
        """
        name = os.fspath(path) if isinstance(path, str | os.PathLike) else None
        if not isinstance(name, str):
            return path
        if os.path.isabs(name):
            # Of a path that was made absolute before it is opened.
            if not name.startswith(self._scratch):
                return path
            inside = next(name[len(s) :] for s in self._scratch if name.startswith(s))
        elif not name or name == ":memory:" or not self._is_here():
            return path
        else:
            inside = name
        if self._is_there(name):
            return path
        beside = os.path.normpath(os.path.join(self._folder, inside))
        if self._is_there(beside):
            return beside
        if missing:
            self._trace.read(beside)
        return path

    def _is_here(self) -> bool:
        """Whether the current folder is the scratch folder, not one that the script went to."""
        return f"{os.getcwd()}{os.sep}" in self._scratch

    def _is_scratch(self, path: Any) -> bool:
        """Whether to list `path` is to list the scratch folder."""
        name = os.fspath(path) if isinstance(path, str | os.PathLike) else path
        if not isinstance(name, str):
            return name is None and self._is_here()
        if not os.path.isabs(name):
            return os.path.normpath(name) == "." and self._is_here()
        return f"{name.rstrip(os.sep)}{os.sep}" in self._scratch

    def _is_there(self, path: str) -> bool:
        try:
            self._lstat(path)
        except (OSError, ValueError):
            return False
        return True

    def _leading(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def led(path: Any, *rest: Any, **named: Any) -> Any:
            if named.get("dir_fd") is None:
                path = self.led(path)
            return function(path, *rest, **named)

        return led

    def _passing(self, folder: str, above: str = "") -> Iterator[str]:
        """Files below `folder` but for hidden ones and those that tempfile names."""
        with self._scandir(folder) as entries:
            for entry in entries:
                name = f"{above}{entry.name}"
                if entry.name.startswith(".") or _UNNAMED.fullmatch(entry.name):
                    continue
                if entry.is_dir(follow_symlinks=False):
                    yield from self._passing(entry.path, f"{name}/")
                else:
                    yield name


class _Scanned:
    """The entries of two folders, as os.scandir gives those of one; of equal names the first's."""

    def __init__(self, first: Any, second: Any) -> None:
        self._both = (first, second)
        self._entries = self._chained()

    def _chained(self) -> Iterator[Any]:
        seen = set()
        for entries in self._both:
            for entry in entries:
                if entry.name not in seen:
                    seen.add(entry.name)
                    yield entry

    def __iter__(self) -> Iterator[Any]:
        return self._entries

    def __next__(self) -> Any:
        return next(self._entries)

    def close(self) -> None:
        """Close both."""
        for entries in self._both:
            entries.close()

    def __enter__(self) -> "_Scanned":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
