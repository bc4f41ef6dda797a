"""What earlier checks found out, kept by content under .study/: nothing is parsed twice."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from generator.digest import digest_bytes
from generator.plan.labels import installed_version
from generator.store.cache import write_whole

_FILE = ".study/check.json"
# What reads the contents beside our own modules: another version may read them otherwise.
_READERS = ("markdown-it-py", "Markdown")


@dataclass(slots=True)
class Kept:
    """Findings about contents, as values of JSON; `save` keeps those that this check asked for.

    by: digest of all code that makes them; another compiler begins anew.
    """

    root: Path
    by: str = ""
    known: dict[str, Any] = field(default_factory=dict)
    asked: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def load(cls, root: Path) -> "Kept":
        """What is kept for the study at `root`; nothing if that is missing or damaged."""
        by = _code_digest()
        try:
            total, _, content = (root / _FILE).read_bytes().partition(b"\n")
        except OSError:
            return cls(root, by)
        # The sum stands for the code, too: what another compiler kept is as good as damaged.
        if total.decode("ascii", "replace") != _total(by, content):
            return cls(root, by)
        return cls(root, by, json.loads(content))

    def of(self, kind: str, content: str, find: Callable[[], Any]) -> Any:
        """What `find` says of `content`, found once. Lists and numbers only: it becomes JSON."""
        key = f"{kind}:{digest_bytes(content.encode('utf-8', 'surrogatepass'))}"
        if key not in self.asked:
            self.asked[key] = self.known[key] if key in self.known else find()
        return self.asked[key]

    def save(self) -> None:
        """Keep what was asked for; a folder that cannot be written to only costs time."""
        if self.asked.keys() == self.known.keys():
            return
        content = json.dumps(self.asked, separators=(",", ":")).encode()
        try:
            (self.root / ".study").mkdir(exist_ok=True)
            head = _total(self.by, content).encode() + b"\n"
            write_whole(self.root / _FILE, head + content, durable=False)
        except OSError:
            return


def _total(by: str, content: bytes) -> str:
    return digest_bytes(by.encode() + content)


def _code_digest() -> str:
    """Digest of the modules that read texts and scripts for `check`, and of their libraries."""
    package = Path(__file__).parents[1]
    modules = sorted([*(package / "check").glob("*.py"), *(package / "text").rglob("*.py")])
    versions = [f"{name} {installed_version(name)}" for name in _READERS]
    return digest_bytes(
        b"\0".join([*(m.read_bytes() for m in modules), *map(str.encode, versions)])
    )
