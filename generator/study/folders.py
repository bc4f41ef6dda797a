"""The folders under reports/: where each report's texts and script are."""

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

from generator.errors import StudyError, Where
from generator.model import Report

SCRIPT = "compute.py"


class Folders:
    """The report folders of a study, listed as they are asked for. problems: what is amiss."""

    def __init__(self, root: Path, languages: tuple[str, ...]) -> None:
        self._root = os.path.realpath(root)
        self._names = _names(os.path.join(root, "reports"))
        self._languages = languages
        self._folded: dict[str, str] | None = None
        self.problems: list[StudyError] = []

    @classmethod
    def of(cls, root: Path, languages: Any) -> "Folders":
        """The folders of the study at `root`. languages: as study.toml has them, maybe wrong."""
        if not isinstance(languages, list) or not languages:
            languages = ["en"]
        return cls(root, tuple(map(str, languages)))

    def place(self, report: Report) -> Report:
        """`report` with its folder, texts (main language first) and script.

        All three are as in a planned report if the folder is not there.
        """
        folder = f"reports/{report.id}"
        if report.id not in self._names:
            self._look_alike(report)
            return replace(report, folder=folder)
        if self._names[report.id]:
            self._check_link(folder)
        names = _names(os.path.join(self._root, folder))
        texts = []
        for name in sorted(names):
            language = self._language(folder, name)
            if names[name] and (language or name == SCRIPT):
                self._check_link(f"{folder}/{name}")
            if language:
                texts.append((language, f"{folder}/{name}"))
        texts.sort(key=lambda text: self._languages.index(text[0]))
        for (language, path), (other, _) in zip(texts[1:], texts, strict=False):
            if language == other:
                self.problems.append(
                    StudyError(
                        f"is in '{language}', and so is report.md", Where(path), "keep one of them"
                    )
                )
        script = f"{folder}/{SCRIPT}" if SCRIPT in names else None
        return replace(report, folder=folder, texts=tuple(texts), script=script)

    def _language(self, folder: str, name: str) -> str:
        """The language of the text `name`; "" if it is no text of a report."""
        if name == "report.md":
            return self._languages[0]
        if not (name.startswith("report.") and name.endswith(".md")):
            if name.casefold() in ("report.md", SCRIPT) and name not in ("report.md", SCRIPT):
                self.problems.append(
                    StudyError(
                        f"differs in case from {name.lower()}",
                        Where(f"{folder}/{name}"),
                        f"rename it to {name.lower()}",
                    )
                )
            return ""
        language = name[len("report.") : -len(".md")]
        if language in self._languages:
            return language
        self.problems.append(
            StudyError(
                f"is in '{language}', which the study's languages don't name",
                Where(f"{folder}/{name}"),
                f'write languages = ["{self._languages[0]}", "{language}"] in study.toml',
            )
        )
        return ""

    def _look_alike(self, report: Report) -> None:
        if self._folded is None:
            self._folded = {name.casefold(): name for name in self._names}
        name = self._folded.get(report.id)
        if name:
            self.problems.append(
                StudyError(
                    f"differs in case from the report's id '{report.id}'",
                    Where(f"reports/{name}"),
                    f"rename the folder to {report.id}",
                )
            )

    def _check_link(self, path: str) -> None:
        """Note a link that leads out of the study: a clone would not have what it names."""
        target = os.path.realpath(os.path.join(self._root, path))
        if not target.startswith(self._root + os.sep):
            self.problems.append(
                StudyError(
                    "is a link that leads out of the study",
                    Where(path),
                    "put the file itself there",
                )
            )


def _names(folder: str) -> dict[str, bool]:
    """The names in `folder`, each with whether it is a symbolic link; none if it is not there."""
    try:
        with os.scandir(folder) as entries:
            return {entry.name: entry.is_symlink() for entry in entries}
    except (FileNotFoundError, NotADirectoryError):
        return {}
