"""A study with built reports to post, and `study post` run on it with every output searched."""

import json
import logging
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from generator.cli import main
from generator.digest import digest_file
from generator.model import PdfRecord, Record
from generator.store.record import record_json
from tests.discord_server import TOKEN, Discord, Server

KOREAN = "크기를 맞춘 내적 어텐션 🙂"
# Quick for tests: real pauses, only short ones.
PACE = ("--deadline", "1", "--retry-wait", "0.01")


def write_study(
    root: Path,
    weeks: Sequence[int] = (7,),
    *,
    publishing: str = "",
    dates: Mapping[int, str] | None = None,
    title: str = "Heat in a rod",
    progress: str = "Watched it cool",
    more: Mapping[int, str] | None = None,
) -> Path:
    """A study at `root` whose weeks each have one report in English and Korean, built.

    more: lines of study.toml for some of the weeks.
    """
    root.mkdir(parents=True, exist_ok=True)
    tables = []
    for week in weeks:
        day = f"date = {dates[week]}\n" if dates and week in dates else ""
        tables.append(
            f"[[week]]\nnumber = {week}\ntitle = {{ en = {json.dumps(title)}, "
            f'ko = "{KOREAN}" }}\nobjective = "See what happens"\n'
            f'progress = {json.dumps(progress)}\nstatus = "done"\n{day}{(more or {}).get(week, "")}'
        )
    (root / "study.toml").write_text(
        'title = "A small study"\nlanguages = ["en", "ko"]\n'
        f"\n[publishing]\n{publishing}\n"
        '[meeting]\nweekday = "Wednesday"\nstart = 21:00:00\nend = 22:00:00\n'
        'timezone = "Asia/Seoul"\nplace = "online"\n\n' + "\n".join(tables),
        encoding="utf-8",
    )
    for week in weeks:
        build(root, week)
    return root


def build(root: Path, week: int, content: bytes = b"first", *, korean: bytes | None = None) -> None:
    """What `study build` leaves behind: two PDFs (any bytes) and the record that they are fresh.

    korean: what the Korean one holds in place of `content`.
    """
    name = f"week-{week:02}"
    folder = root / "reports" / name
    folder.mkdir(parents=True, exist_ok=True)
    pdfs = {}
    for language, text, pdf in (("en", "report.md", ".pdf"), ("ko", "report.ko.md", ".ko.pdf")):
        (folder / text).write_text("# Text\n", encoding="utf-8")
        path = folder / f"{name}{pdf}"
        own = korean if korean is not None and language == "ko" else content
        path.write_bytes(b"%PDF-1.7\r\n\x00\xff--" + own + language.encode() + b"\r\n")
        inputs = {f"reports/{name}/{text}": digest_file(folder / text)}
        pdfs[language] = PdfRecord(f"reports/{name}/{name}{pdf}", digest_file(path), inputs)
    figures = root / "figures" / name
    figures.mkdir(parents=True, exist_ok=True)
    (figures / "record.json").write_bytes(record_json(Record(pdfs=pdfs)))


class Memory(logging.Handler):
    """Every log record as text."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.texts.append(record.getMessage())


@dataclass
class Done:
    """What a run left."""

    code: int
    stdout: str
    stderr: str


@dataclass
class Poster:
    """Runs `study post` on one study against one server."""

    root: Path
    server: Server

    @property
    def discord(self) -> Discord:
        return self.server.discord

    def run(
        self,
        *words: str,
        faults: Sequence[str] = (),
        pace: Sequence[str] = PACE,
        url: str | None = None,
        stdin: str = "",
    ) -> Done:
        """`study post WORDS` while the server plays `faults`; the secret is looked for everywhere.

        url: the address in the environment; None is the server's.
        """
        self.discord.faults.extend(faults)
        address = self.server.address() if url is None else url
        with every_log() as log:
            result = CliRunner().invoke(
                main,
                ["-C", str(self.root), "post", "--allow-host", "127.0.0.1", *pace, *words],
                env={"DISCORD_WEBHOOK_URL": address},
                input=stdin,
            )
        self.discord.faults.clear()
        shown = [result.stdout, result.stderr, *log.texts]
        if result.exc_info is not None:
            shown += traceback.format_exception(*result.exc_info)
        shown += [path.read_text("utf-8") for path in self.root.glob("*.json")]
        for text in shown:
            assert TOKEN not in text
            assert TOKEN[10:40] not in text
        assert self.discord.complaints == []
        assert "Traceback" not in result.stderr
        return Done(result.exit_code, result.stdout, result.stderr)

    def state(self) -> dict[str, Any]:
        """The weeks in discord.json."""
        weeks = json.loads((self.root / "discord.json").read_bytes())["weeks"]
        assert isinstance(weeks, dict)
        return weeks

    def contents(self) -> list[str]:
        """What the messages in the channel say, in order."""
        return [message.content for message in self.discord.messages.values()]


@contextmanager
def every_log() -> Iterator[Memory]:
    """All log records of all loggers, DEBUG included."""
    memory = Memory()
    logger = logging.getLogger()
    level = logger.level
    logger.addHandler(memory)
    logger.setLevel(logging.DEBUG)
    try:
        yield memory
    finally:
        logger.removeHandler(memory)
        logger.setLevel(level)
