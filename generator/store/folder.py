"""The folder .study/, where a study keeps what can be made again: sound before it is used."""

import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from generator.errors import StudyError
from generator.store.files import check_inside

FOLDER = ".study"
TRIALS = "trials"  # in a study's folder: studies that share with it
SHARED = ("cache", "models")  # what is kept by content, and what was hashed
# Whether a name stands for a folder; what has another name is not ours.
_KINDS = dict.fromkeys(("cache", "logs", "models", "plots", "scratch"), True) | dict.fromkeys(
    ("lock", "post.lock", "digests.json", "times.json", "check.json", "links.json", "site.json"),
    False,
)
# What lies in these, and whether it is folders.
_BELOW = {"cache": True, "logs": False, "models": False, "scratch": True}


def sound_folder(root: Path) -> None:
    """Take away what under .study/ is a link, or a file for a folder, or a folder for a file.

    A repository may hold such a thing on purpose: a build would then empty the file behind a link
    that is called lock. All of it is made again. Raises StudyError if .study leads out of the
    study itself. What cannot be taken away is left, and told by who cannot write there.
    """
    check_inside(root, FOLDER)
    top = root / FOLDER
    for entry in _entries(top):
        if entry.name not in _KINDS or _is_shared(root, entry):
            continue
        if not _is_sound(entry, folder=_KINDS[entry.name]):
            _take_away(Path(entry.path))
    for name, folders in _BELOW.items():
        for entry in _entries(top / name):
            if not _is_sound(entry, folder=folders):
                _take_away(Path(entry.path))


def _entries(folder: Path) -> Iterator["os.DirEntry[str]"]:
    try:
        with os.scandir(folder) as entries:
            yield from list(entries)
    except OSError:  # it is not there, or no folder
        return


def _is_shared(root: Path, entry: "os.DirEntry[str]") -> bool:
    """Whether it is the link of a trial to what its study keeps by content."""
    study = root.parent.parent
    theirs = study / FOLDER / entry.name
    if root.parent.name != TRIALS or entry.name not in SHARED or not entry.is_symlink():
        return False
    try:
        check_inside(study, f"{FOLDER}/{entry.name}")
        return os.path.samefile(entry.path, theirs)
    except (OSError, StudyError):
        return False


def _is_sound(entry: "os.DirEntry[str]", *, folder: bool) -> bool:
    if folder:
        return entry.is_dir(follow_symlinks=False)
    return entry.is_file(follow_symlinks=False)


def _take_away(path: Path) -> None:
    with suppress(OSError):
        if stat.S_ISDIR(os.lstat(path).st_mode):
            shutil.rmtree(path)
        else:
            path.unlink()
