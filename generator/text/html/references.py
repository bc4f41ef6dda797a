"""References to what has a label and to works, as they stand in a line."""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from generator.text.html.context import Desk
from generator.text.html.elsewhere import label_elsewhere
from generator.text.html.foreign import meant_label
from generator.text.markdown.outline import Label

_SECOND_KEY = re.compile(r"(?<![\w.])@[A-Za-z0-9][\w:.+/-]*")


@dataclass(frozen=True, slots=True)
class References:
    """Writes the references of one line. plain: its text so far, to which theirs is added."""

    desk: Desk
    line: int
    plain: list[str]

    def _problem(self, message: str, hint: str = "") -> None:
        self.desk.problems.add(self.line, message, hint)

    def refer(self, meta: dict[str, Any]) -> str:
        """A label: "Figure 3", linked to it."""
        name, report = meta["label"], meta["report"]
        if report and report != self.desk.report.id:
            return self._refer_elsewhere(report, name, only=bool(meta["only"]))
        label = self.desk.outline.labels.get(name)
        if label is None:
            kind = name.partition("-")[0]
            labels = [known for known in self.desk.outline.labels if known.startswith(f"{kind}-")]
            self._problem(
                f"@{name} refers to nothing in this text",
                f"there are: {', '.join(labels)}" if labels else f"no label starts {kind}-",
            )
            return ""
        self.desk.referred.add(name)
        text = self._words(label, only=bool(meta["only"]))
        self.plain.append(text)
        return f'<a class="ref" href="#{name}">{html.escape(text)}</a>'

    def _words(self, label: Label, *, only: bool, within: bool = False) -> str:
        """ "Figure 3", "equation (2)", "2.1절": capital where a sentence starts."""
        words = self.desk.words
        number = f"({label.number})" if label.kind == "eq" else label.number
        if label.number == "-":
            self._problem(
                f"@{label.name} refers to a heading without a number",
                "take .unnumbered away there, or say its title in words",
            )
        if only:
            return number
        before = "".join(self.plain).rstrip()
        in_appendix = label.kind == "sec" and label.number[:1].isalpha()
        first, later = words.kinds["app" if in_appendix else label.kind]
        if before.casefold().endswith((f" {later}".casefold(), f" {first}".casefold())):
            self._problem(
                f"'{first}' stands twice: @{label.name} brings the word with it",
                "leave out the word before it",
            )
        if in_appendix:
            return words.appendix.format(number=number)
        if label.kind == "sec":
            return words.section.format(number=number)
        starts = not within and (not before or before[-1] in ".!?:")
        return f"{first if starts else later}\u00a0{number}"

    def _refer_elsewhere(self, report: str, name: str, *, only: bool) -> str:
        found = label_elsewhere(self.desk, report, name, self.line)
        if found is None:
            return ""
        label, title, address = found
        text = f"{title}, {self._words(label, only=only, within=True)}"
        self.plain.append(text)
        # A book, which holds both reports, makes a link of it.
        target = f'data-target="{report}--{name}"'
        if address:
            return f'<a class="ref" href="{html.escape(address)}" {target}>{html.escape(text)}</a>'
        return f'<span class="ref" {target}>{html.escape(text)}</span>'

    def cite(self, key: str, *, only: bool) -> str:
        """A work in the sentence: "Darwin (1859)"; only the year if `only`."""
        if not self.desk.citations.known(key):
            self.unknown_key(key)
            return ""
        who, year = self.desk.citations.names(key)
        text = f"({year})" if only else f"{who} ({year})"
        self.plain.append(text)
        return f'<a class="citation" href="#ref-{key}">{html.escape(text)}</a>'

    def group(self, items: Sequence[dict[str, Any]]) -> str:
        """What stands in one pair of brackets: works, and labels alone without the brackets."""
        parts = []
        for item in items:
            if item.get("label"):
                text = self.refer(item)
            else:
                text = self._cite_in_brackets(item["key"], only=bool(item["only"]))
            prefix, suffix = item["prefix"], item["suffix"].lstrip(", ")
            second = _SECOND_KEY.search(suffix)
            if second:
                self._problem(
                    f"{second[0]} stands in what is said of another work, and is not cited",
                    "part works by semicolons: [@one, p. 3; @two]",
                )
            parts.append(
                (f"{html.escape(prefix)} " if prefix else "")
                + text
                + (f", {html.escape(self._pages(suffix))}" if suffix else "")
            )
        if all(item.get("label") for item in items):
            return ", ".join(parts)  # brackets belong to citations
        return f"({'; '.join(parts)})"

    def _pages(self, suffix: str) -> str:
        """ "p. 3" and "pp. 3-5" in the words of the language, the rest as it is."""
        match = re.fullmatch(r"(pp?)\.\s*([0-9]+(?:\s*[-–]+\s*[0-9]+)?)", suffix)
        if not match:
            return suffix
        numbers = re.sub(r"\s*[-–]+\s*", "–", match[2])
        return self.desk.words.pages[match[1] == "pp"].format(numbers)

    def _cite_in_brackets(self, key: str, *, only: bool) -> str:
        if not self.desk.citations.known(key):
            self.unknown_key(key)
            return ""
        who, year = self.desk.citations.names(key)
        text = year if only else f"{who}, {year}"
        self.plain.append(text)
        return f'<a class="citation" href="#ref-{key}">{html.escape(text)}</a>'

    def unknown_key(self, key: str) -> None:
        """Note that no entry of the bibliography has `key`."""
        meant = meant_label(key)
        if meant:
            self._problem(f"@{key} refers to nothing in this text", meant)
            return
        self._problem(
            f"@{key} is not in {self.desk.citations.path}",
            self.desk.citations.suggestion(key)
            or "add an entry with this key there; where no source is meant, write \\@",
        )
