"""discord.json pushed with git: whoever's intent is pushed first posts, nobody else."""

import os
import re
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from generator.errors import StudyError

_TIMEOUT_S = 120
_TRIES = 5


class Overtaken(StudyError):
    """The branch moved on at the remote before our intent was there."""


@dataclass(frozen=True, slots=True)
class GitRemote:
    """The branch that the study's current one follows.

    Commits hold discord.json alone and are built beside the index, so that nothing else of the
    work tree goes along or is touched. environment: of every git process, without the secret.
    """

    root: Path
    branch: str
    remote: str
    their_branch: str
    prefix: str
    environment: Mapping[str, str] = field(repr=False)

    @classmethod
    def open(cls, root: Path, environment: Mapping[str, str]) -> "GitRemote":
        """The remote of the study at `root`. Raises StudyError if there is none to push to."""
        # Messages are read below: they must not come translated, and nobody is there to be asked.
        environment = dict(environment) | {"LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0"}
        probe = cls(root, "", "", "", "", environment)
        prefix = probe._git("rev-parse", "--show-prefix")
        branch = probe._try("symbolic-ref", "--short", "HEAD")
        remote = probe._try("config", f"branch.{branch}.remote") if branch else ""
        their_branch = probe._try("config", f"branch.{branch}.merge") if branch else ""
        if not remote or not their_branch:
            raise StudyError(
                "--push: no branch is checked out that follows one at a remote",
                None,
                "git switch BRANCH; git branch --set-upstream-to=origin/BRANCH",
            )
        found = cls(root, branch, remote, their_branch, prefix, environment)
        if found._git("rev-list", "--max-count=1", "@{upstream}..HEAD"):
            raise StudyError(
                "--push: this branch has commits that were not pushed", None, "push them first"
            )
        return found

    def claim(self, file: str, content: bytes, subject: str) -> None:
        """Commit `content` on top of HEAD and push it: only one of several can succeed.

        Raises Overtaken if the branch at the remote has moved on, StudyError if the push
        failed otherwise; in both cases nothing has changed here.
        """
        base = self._git("rev-parse", "HEAD")
        commit = self._commit(base, file, content, subject)
        refused = self._push(commit)
        if refused:
            raise _not_pushed(refused)
        self._advance(file, base, commit)

    def record(self, file: str, merged: Callable[[bytes | None], bytes], subject: str) -> None:
        """Commit and push what came of it, on top of whatever others pushed meanwhile.

        merged: the remote's bytes of `file` → the bytes to commit. Raises StudyError.
        """
        base = self._git("rev-parse", "HEAD")
        ours = True
        refused = ""
        for _ in range(_TRIES):
            theirs = self._content(base, file)
            content = merged(theirs)
            if content == theirs:
                return
            commit = self._commit(base, file, content, subject)
            refused = self._push(commit)
            if not refused:
                if ours:
                    self._advance(file, base, commit)
                return
            if not _is_overtaken(refused):
                break
            self._git("fetch", "--quiet", self.remote, self.their_branch)
            base, ours = self._git("rev-parse", "FETCH_HEAD"), False
        raise _not_pushed(refused)

    def theirs(self, file: str) -> bytes | None:
        """`file` as it is at the remote now; None if it is not there. Raises StudyError."""
        self._git("fetch", "--quiet", self.remote, self.their_branch)
        return self._content("FETCH_HEAD", file)

    def _commit(self, base: str, file: str, content: bytes, subject: str) -> str:
        blob = self._git("hash-object", "-w", "--stdin", given=content)
        with tempfile.TemporaryDirectory() as folder:
            index = {"GIT_INDEX_FILE": os.path.join(folder, "index")}
            self._git("read-tree", base, extra=index)
            entry = f"100644,{blob},{self.prefix}{file}"
            self._git("update-index", "--add", "--cacheinfo", entry, extra=index)
            tree = self._git("write-tree", extra=index)
        return self._git("commit-tree", tree, "-p", base, "-m", subject)

    def _push(self, commit: str) -> str:
        """Push `commit`; "" if the remote took it, else what git said."""
        # The porcelain line's flag: " " is a fast-forward; "=" would be "already there", which
        # for an intent means that it is somebody else's.
        done = self._run("push", "--porcelain", self.remote, f"{commit}:{self.their_branch}")
        said = (done.stdout + b"\n" + done.stderr).decode("utf-8", "replace")
        if done.returncode == 0 and re.search(r"^[ *]\t", said, re.MULTILINE):
            return ""
        return _without_passwords(said) or "git push failed"

    def _advance(self, file: str, base: str, commit: str) -> None:
        """Let the branch and the index here follow the commit that was pushed."""
        self._git("update-ref", f"refs/heads/{self.branch}", commit, base)
        self._git("reset", "--quiet", "--", f":/{self.prefix}{file}")

    def _content(self, commit: str, file: str) -> bytes | None:
        done = self._run("cat-file", "blob", f"{commit}:{self.prefix}{file}")
        return done.stdout if done.returncode == 0 else None

    def _git(self, *words: str, given: bytes = b"", extra: Mapping[str, str] | None = None) -> str:
        done = self._run(*words, given=given, extra=extra)
        if done.returncode != 0:
            said = _without_passwords(done.stderr.decode("utf-8", "replace"))
            raise StudyError(f"git {words[0]} failed: {said}", None, "git status may say more")
        return done.stdout.decode("utf-8", "replace").strip()

    def _try(self, *words: str) -> str:
        done = self._run(*words)
        return done.stdout.decode("utf-8", "replace").strip() if done.returncode == 0 else ""

    def _run(
        self, *words: str, given: bytes = b"", extra: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[bytes]:
        try:
            return subprocess.run(
                ["git", *words],
                cwd=self.root,
                input=given,
                capture_output=True,
                env={**self.environment, **(extra or {})},
                timeout=_TIMEOUT_S,
                check=False,
            )
        except FileNotFoundError as error:
            raise StudyError("--push needs git, which is not installed") from error
        except subprocess.TimeoutExpired:
            raise StudyError(
                f"git {words[0]} took more than {_TIMEOUT_S} s", None, "is the remote reachable?"
            ) from None


def _is_overtaken(said: str) -> bool:
    """Whether a push was refused because the branch is not where it was."""
    signs = ("[rejected]", "cannot lock ref", "failed to update ref", "=\t")
    return any(sign in said for sign in signs)


def _not_pushed(said: str) -> StudyError:
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    refusals = [line for line in lines if line.startswith(("!", "error", "fatal", "remote:"))]
    short = "; ".join((refusals or lines)[:3]).replace("\t", " ")
    if _is_overtaken(said):
        return Overtaken(
            "the branch moved on at the remote", None, "git pull, then run `study post` again"
        )
    return StudyError(f"git push was refused: {short}", None, "nothing more was sent to Discord")


def _without_passwords(text: str) -> str:
    return re.sub(r"://[^/@\s]+@", "://…@", text).strip()
