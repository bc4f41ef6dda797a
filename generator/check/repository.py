"""The files of a study as a clone would hold them: their names, their sizes, secrets in them."""

import os
import re
import subprocess
import unicodedata
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path, PurePosixPath
from stat import S_ISLNK

from generator.check.finding import Finding
from generator.check.history import Kept
from generator.errors import StudyError, Where
from generator.model import Study
from generator.plan.labels import Inputs
from generator.plan.staleness import pdf_path
from generator.store.files import ANY_SIZE, read_study_file

_LEFT_OUT = frozenset({".git", ".venv", ".study", "__pycache__", "node_modules"})
_LARGEST = 20 * 1024 * 1024  # bytes: a larger file is data, and no place where keys are typed


def study_files(root: Path) -> list[str]:
    """Every file that is or would be committed, relative to `root` with '/', sorted.

    As git sees them; outside of a repository all but hidden folders of tools. The files of
    another study inside this one (a folder with a study.toml of its own) are not this one's.
    """
    try:
        listed = subprocess.run(
            [
                # Nothing that a stranger's .git/config names is run.
                *("git", "-c", "core.fsmonitor=false", "-c", f"core.hooksPath={os.devnull}"),
                *("ls-files", "-z", "--cached", "--others", "--exclude-standard"),
            ],
            cwd=root,
            capture_output=True,
            check=True,
        ).stdout
        names = [os.fsdecode(name) for name in listed.split(b"\0") if name]
    except (OSError, subprocess.CalledProcessError):
        names = list(_walked(root))
    inner = [name.removesuffix("study.toml") for name in names if name.endswith("/study.toml")]
    kept = {name for name in names if not name.startswith(tuple(inner))}
    return sorted(name for name in kept if os.path.lexists(os.path.join(root, name)))


def _walked(root: Path) -> Iterable[str]:
    for folder, folders, files in os.walk(root):
        folders[:] = [name for name in folders if name not in _LEFT_OUT]
        base = os.path.relpath(folder, root).replace(os.sep, "/")
        for name in files:
            yield name if base == "." else f"{base}/{name}"


# ---------------------------------------------------------------- names


def name_findings(files: Sequence[str]) -> list[Finding]:
    """Names that another machine would read otherwise: not NFC, or alike but for their case."""
    findings: list[Finding] = []
    seen: dict[str, str] = {}
    told: set[str] = set()
    for path in files:
        if not _is_utf8(path):
            shown = path.encode("utf-8", "replace").decode()
            findings.append(Finding("names", "its name is not UTF-8", Where(shown), "rename it"))
            continue
        parts = PurePosixPath(path).parts
        for depth in range(1, len(parts) + 1):
            name = "/".join(parts[:depth])
            if name in told:
                continue
            told.add(name)
            findings += _one_name(name, parts[depth - 1])
            first = seen.setdefault(unicodedata.normalize("NFC", name).casefold(), name)
            if first != name and unicodedata.normalize("NFC", first) != name:
                findings.append(
                    Finding(
                        "names",
                        f"differs from {first} only in case",
                        Where(name),
                        "on macOS and Windows they are one file: rename one of them",
                    )
                )
    return findings


def _one_name(path: str, name: str) -> list[Finding]:
    found = []
    if not unicodedata.is_normalized("NFC", name):
        composed = unicodedata.normalize("NFC", name)
        found.append(
            Finding(
                "names",
                "its name is not in the composed form (NFC) that links use",
                Where(path),
                f"rename it to {composed} as typed here",
            )
        )
    stem = name if name.startswith(".") else PurePosixPath(name).stem
    if stem != stem.strip() or name != name.strip():
        found.append(
            Finding(
                "names", "its name begins or ends with a space", Where(path), "take the space out"
            )
        )
    return found


def _is_utf8(path: str) -> bool:
    try:
        path.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


# ---------------------------------------------------------------- sizes


def size_findings(root: Path, study: Study, files: Iterable[str]) -> list[Finding]:
    """PDFs above the channel's limit or the budget of a report; figures above theirs."""
    findings = []
    limits = study.check
    for week, report in study.reports():
        for language in report.languages():
            path = pdf_path(study, week, report, language)
            size = _size(root, path)
            if size > study.publishing.channel_limit_bytes:
                limit = _amount(study.publishing.channel_limit_bytes)
                findings.append(
                    Finding(
                        "sizes",
                        f"has {_amount(size)}, more than the {limit} that the channel takes",
                        Where(path),
                        "fewer or coarser pictures; or raise publishing.channel_limit_mib if the"
                        " channel takes more",
                    )
                )
            elif size > limits.report_bytes:
                findings.append(
                    Finding(
                        "sizes",
                        f"has {_amount(size)}, more than a report's {_amount(limits.report_bytes)}",
                        Where(path),
                        "rasterise dense figures; or raise check.report_kb in study.toml",
                    )
                )
    for path in files:
        if path.startswith("figures/") and path.count("/") >= 2:
            size = _size(root, path)
            if size > limits.figure_bytes and not path.endswith(".json"):
                findings.append(
                    Finding(
                        "sizes",
                        f"has {_amount(size)}, more than a figure's {_amount(limits.figure_bytes)}",
                        Where(path),
                        "rasterise its dense parts (rasterized=True), or plot fewer points; or"
                        " raise check.figure_kb in study.toml",
                    )
                )
    return findings


def _size(root: Path, path: str) -> int:
    try:
        return os.stat(root / path).st_size
    except OSError:
        return 0  # a missing product is reported as stale


def _amount(size: int) -> str:
    if size < 1024 * 1024:
        return f"{size / 1024:.0f} KB"
    return f"{size / 1024 / 1024:.1f} MB"


# ---------------------------------------------------------------- secrets

# What it is → how it looks. None of these matches its own source.
_SECRETS = {
    "a Discord webhook's address": (
        rb"discord(?:app)?\.com/api/(?:v\d+/)?webhooks/\d{5,}/[\w-]{16,}"
    ),
    "a Discord bot's token": rb"\b[MNO][\w-]{23,27}\.[\w-]{6}\.[\w-]{27,40}\b",
    "a Slack token": rb"\bxox[abeoprs]-[\w-]{10,}",
    "a GitHub token": rb"\b(?:gh[opusr]_\w{36,}|github_pat_\w{40,})",
    "a GitLab token": rb"\bglpat-[\w-]{20,}",
    "a Hugging Face token": rb"\bhf_[A-Za-z0-9]{30,}",
    "a PyPI token": rb"\bpypi-AgE[\w-]{40,}",
    "an API key": rb"\bsk-(?:[a-z]+-){0,2}[A-Za-z0-9_-]{32,}",
    "a Google API key": rb"\bAIza[\w-]{35}",
    "an AWS access key": rb"\bA(?:KI|SI)A[A-Z0-9]{16}\b",
    "a private key": rb"-----BEGIN (?:[A-Z]+ ){0,2}PRIVATE KEY(?: BLOCK)?-----",
}
# Looked for first: searching for bytes is a hundred times faster than for patterns.
_SIGNS = (
    b"webhooks/", b"xox", b"ghp_", b"gho_", b"ghu_", b"ghs_", b"ghr_", b"github_pat_", b"glpat-",
    b"hf_", b"pypi-AgE", b"sk-", b"AIza", b"AKIA", b"ASIA", b"PRIVATE KEY",
)  # fmt: skip
_BOT_SIGN = re.compile(rb"[MNO][\w-]{23,27}\.[\w-]{6}\.")


def secret_findings(
    root: Path, files: Iterable[str], inputs: Inputs | None = None, kept: Kept | None = None
) -> list[Finding]:
    """Webhook addresses and keys in any file that is or would be committed; never shown.

    inputs, kept: a content that was searched before is not read again.
    """
    hint = (
        "revoke it where it was made, then take it out of the file and of git's history; pass it"
        " in the environment or in a file outside of the study"
    )
    findings = []
    for path in files:
        try:
            stat = os.lstat(root / path)
            if S_ISLNK(stat.st_mode) or stat.st_size > _LARGEST:
                continue
            digest = inputs.file(path) if inputs else None
            search = partial(_secrets_in, root, path)
            found = kept.of("secrets", digest, search) if kept and digest else search()
        except (OSError, StudyError):
            continue  # an unreadable file cannot be committed either
        findings += [
            Finding("secrets", f"holds what looks like {what}", Where(path, line), hint)
            for what, line in found
        ]
    return findings


def _secrets_in(root: Path, path: str) -> list[tuple[str, int | None]]:
    """What looks like a secret in a file, and its line unless the file is binary."""
    content = read_study_file(root, path, ANY_SIZE)
    binary = b"\0" in content[:8192]
    if not any(sign in content for sign in _SIGNS) and (binary or not _BOT_SIGN.search(content)):
        return []
    return [
        (what, None if binary else content.count(b"\n", 0, match.start()) + 1)
        for what, pattern in _SECRETS.items()
        for match in re.finditer(pattern, content)
    ]
