"""Presenters written into study.toml, beside everything that stands there already."""

import json
from collections.abc import Mapping
from pathlib import Path

from generator.errors import StudyError, Where
from generator.model import Study
from generator.store.files import read_study_file, write_study_file
from generator.study.load import decoded, load_study
from generator.study.locate import key_lines
from generator.study.settings import STUDY


def write_presenters(root: Path, study: Study, names: Mapping[int, tuple[str, ...]]) -> list[str]:
    """Write a line `presenter = …` into some weeks of study.toml; the paths written.

    names: place of the week in the schedule → who presents. The line stands below the week's
    number, else below [[week]]; no other byte changes. Raises StudyError, with nothing written,
    where weeks are not written as [[week]].
    """
    if not names:
        return []
    before = read_study_file(root, STUDY)
    lines = key_lines(decoded(before))
    rows = before.split(b"\n")
    for place in sorted(names, reverse=True):
        where = study.weeks[place].where
        header = where.line if where else None
        at = lines.get(("week", place, "number"), header)
        if header is None or at is None or b"[[" not in rows[header - 1]:
            raise StudyError(
                "found weeks in an inline list, expected [[week]]",
                Where(STUDY, header),
                "write the presenter there by hand",
            )
        ending = b"\r" if rows[at - 1].endswith(b"\r") else b""
        rows.insert(at, _line(names[place]).encode() + ending)
    after = b"\n".join(rows)
    write_study_file(root, STUDY, after)
    try:
        load_study(root)
    except (StudyError, ExceptionGroup):
        write_study_file(root, STUDY, before)
        raise
    return [STUDY]


def _line(names: tuple[str, ...]) -> str:
    quoted = [json.dumps(name, ensure_ascii=False) for name in names]
    return f"presenter = {quoted[0]}" if len(quoted) == 1 else f"presenter = [{', '.join(quoted)}]"
