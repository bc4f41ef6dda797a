"""Where this compiler comes from: what others pin to make the same PDFs."""

import json
import re
import shutil
import subprocess
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit, urlunsplit

from generator import __version__
from generator.machine.packages import DISTRIBUTION


@dataclass(frozen=True, slots=True)
class Origin:
    """What is known of an installation.

    said: in words. pin: what `pip install` takes to get the same compiler again; "" if nothing
    that others could reach is known.
    """

    said: str
    pin: str = ""


def origin() -> Origin:
    """The origin of the compiler that is running."""
    try:
        text = distribution(DISTRIBUTION).read_text("direct_url.json")
    except PackageNotFoundError:
        return _clone(Path(__file__).resolve().parents[2])
    if text is None:
        return Origin("from a package index", f"{DISTRIBUTION}=={__version__}")
    return origin_of(json.loads(text))


def origin_of(direct: dict[str, Any]) -> Origin:
    """The origin in a direct_url.json, which pip writes for all that no index gave (PEP 610)."""
    address = str(direct.get("url", ""))
    under = f"#subdirectory={direct['subdirectory']}" if direct.get("subdirectory") else ""
    if "vcs_info" in direct:
        vcs = direct["vcs_info"]
        pin = f"{vcs['vcs']}+{_bare(address)}@{vcs['commit_id']}{under}"
        return Origin(f"commit {vcs['commit_id']} of {_bare(address)}", _reachable(pin))
    folder = Path(unquote(urlsplit(address).path))
    if "dir_info" not in direct:
        if not address.startswith("file:"):
            return Origin(f"from {_bare(address)}", _bare(address) + under)
        return Origin(f"from the file {folder}")
    if direct["dir_info"].get("editable"):
        return _clone(folder)
    now = _git(folder, "rev-parse", "HEAD")
    later = f", which is at commit {now} now" if now else ""
    return Origin(f"copied from the folder {folder}{later}")


def _clone(folder: Path) -> Origin:
    """The origin of a compiler that runs from the files in `folder`."""
    commit = _git(folder, "rev-parse", "HEAD")
    if not commit:
        return Origin(f"from the folder {folder}")
    changed = _git(folder, "status", "--porcelain", "--untracked-files=no")
    said = f"commit {commit} in the folder {folder}" + ", with changes" * bool(changed)
    remote = _bare(_git(folder, "remote", "get-url", "origin"))
    return Origin(said, _reachable(f"git+{remote}@{commit}") if remote and not changed else "")


def _git(folder: Path, *arguments: str) -> str:
    """What git says of the clone whose top is `folder`; "" if it is none or there is no git."""
    git = shutil.which("git")
    if git is None or not (folder / ".git").exists():
        return ""
    answer = subprocess.run([git, "-C", str(folder), *arguments], capture_output=True, text=True)
    return answer.stdout.strip() if answer.returncode == 0 else ""


def _bare(address: str) -> str:
    """`address` as a URL, without the password that one of a remote may hold."""
    short = re.fullmatch(r"([\w.-]+@[\w.-]+):(?!//)(.+)", address)  # git@host:path
    if short:
        return f"ssh://{short[1]}/{short[2]}"
    parts = urlsplit(address)
    if parts.scheme.startswith("http"):
        parts = parts._replace(netloc=parts.netloc.rpartition("@")[2])
    return urlunsplit(parts)


def _reachable(pin: str) -> str:
    """`pin` unless it leads into this machine's files."""
    return "" if re.match(r"\w+\+(file:|/|\.)", pin) else pin
