"""discord.json while messages are on their way: what is claimed before, what is recorded after."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from generator.errors import StudyError
from generator.publish.discord.git import GitRemote
from generator.publish.discord.state import (
    FILE,
    Entry,
    State,
    read_bytes,
    state_bytes,
    state_from,
    with_entries,
    write_state,
)


@dataclass(slots=True)
class Journal:
    """discord.json, and with a remote also its pushed copy: `claim` before, `record` after.

    state: as the file has it. Only one process writes it at a time (`post_lock`).
    """

    root: Path
    remote: GitRemote | None = None
    state: State = field(default_factory=dict)

    @classmethod
    def load(cls, root: Path, remote: GitRemote | None = None) -> "Journal":
        """The journal of the study at `root`. Raises StudyError where its file is damaged."""
        return cls(root, remote, state_from(read_bytes(root)))

    def claim(self, key: str, entries: Sequence[Entry]) -> None:
        """Make the intent to send known, on this disk and at the remote, before anything is sent.

        Raises StudyError with nothing claimed, of the class Overtaken if somebody else has.
        """
        before = read_bytes(self.root)
        state = with_entries(self.state, key, entries)
        write_state(self.root, state_bytes(state))
        if self.remote is not None:
            try:
                self.remote.claim(FILE, state_bytes(state), f"discord: about to post {key}")
            except StudyError:
                write_state(self.root, before)
                raise
        self.state = state

    def record(self, key: str, entries: Sequence[Entry], what: str) -> None:
        """Write down what came of it, on this disk first. what: the commit's subject."""
        self.state = with_entries(self.state, key, entries)
        write_state(self.root, state_bytes(self.state))
        if self.remote is not None:

            def merged(theirs: bytes | None) -> bytes:
                return state_bytes(with_entries(state_from(theirs), key, entries))

            self.remote.record(FILE, merged, f"discord: {what}")
