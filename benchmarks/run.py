"""Measure whole processes, ours against peers, in alternation; write RESULTS.md.

    python benchmarks/run.py [--reports N] [--repeat K] [--only SCENARIO]... [--scale N]

Times on a shared machine are worth their ratios only: every round measures all tools once.
"""

import argparse
import os
import platform
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import projects
from watched import Watched

HERE = Path(__file__).parent
PEERS = {
    "typst": "make + Typst, native source",
    "pandoc-typst": "make + Pandoc + Typst, from Markdown",
    "pandoc-latex": "make + Pandoc + pdfLaTeX, from Markdown",
}


@dataclass(frozen=True, slots=True)
class Tool:
    """A way to build the reports: a project folder, a command, and which files are which."""

    name: str
    folder: Path
    command: tuple[str, ...]
    text: str
    script: str
    pdfs: str
    generated: tuple[str, ...]

    def run(self) -> float:
        """Seconds that one whole build takes. Raises if it fails."""
        started = time.perf_counter()
        subprocess.run(
            self.command,
            cwd=self.folder,
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        return time.perf_counter() - started

    def forget(self) -> None:
        """Delete everything that was generated, caches included."""
        for pattern in self.generated:
            for path in self.folder.glob(pattern):
                shutil.rmtree(path) if path.is_dir() else path.unlink()

    def forget_pdfs(self) -> None:
        """Delete the PDFs and what is kept of typesetting; figures stay."""
        for path in self.folder.glob(self.pdfs):
            path.unlink()
        shutil.rmtree(self.folder / ".study", ignore_errors=True)

    def edit(self, path: str) -> None:
        """Change one word of a text, or the colour of a script's curves, to what it never was."""
        file = self.folder / path
        old = file.read_text()
        if file.suffix == ".py":
            new = re.sub(r'COLOUR = "#?(\w+)"', lambda m: f'COLOUR = "{_next(m[1])}"', old)
        else:
            new = re.sub(r"As shown before(x*) ", r"As shown before\1x ", old, count=1)
        assert new != old, f"{path}: nothing to edit"
        file.write_text(new)


def _next(colour: str) -> str:
    """The next of many shades."""
    shade = 0 if colour == "C0" else int(colour, 16) + 1
    return f"#{shade:06x}"


def ours(base: Path, count: int) -> Tool:
    """Our compiler on the workload."""
    folder = base / "ours"
    projects.ours(folder, count)
    first = f"reports/{projects.week_id(1)}"
    return Tool(
        "ours",
        folder,
        (str(Path(sys.executable).parent / "study"), "build", "-q", "-j", "2"),
        f"{first}/report.md",
        f"{first}/compute.py",
        "reports/*/*.pdf",
        ("figures", ".study", "reports/*/*.pdf"),
    )


def peers(base: Path, count: int) -> list[Tool]:
    """Each peer that this machine has."""
    tools = []
    for kind in PEERS:
        if kind == "pandoc-latex" and not shutil.which("pdflatex"):
            print("no pdflatex here: Pandoc + pdfLaTeX is left out", file=sys.stderr)
            continue
        folder = base / kind
        projects.peer(folder, count, kind)
        source = "r1.typ" if kind == "typst" else "r1.md"
        generated = ("figures/*", "r*.pdf", "r*.gen.typ")
        tools.append(
            Tool(kind, folder, ("make", "-s", "-j2"), source, "r1.py", "r*.pdf", generated)
        )
    return tools


Scenario = Callable[[Tool], float]


def cold(tool: Tool) -> float:
    """Everything from nothing, computation included."""
    tool.forget()
    return tool.run()


def typeset(tool: Tool) -> float:
    """Every PDF from figures that are there, nothing kept."""
    tool.forget_pdfs()
    return tool.run()


def nothing(tool: Tool) -> float:
    """Nothing changed."""
    return tool.run()


def word(tool: Tool) -> float:
    """One word of one report changed."""
    tool.edit(tool.text)
    return tool.run()


def figure(tool: Tool) -> float:
    """One report's figure script changed."""
    tool.edit(tool.script)
    return tool.run()


SCENARIOS: dict[str, Scenario] = {
    "cold": cold,
    "typeset": typeset,
    "nothing": nothing,
    "word": word,
    "figure": figure,
}


def measure(tools: list[Tool], repeat: int, wanted: list[str]) -> dict[str, dict[str, float]]:
    """Scenario → tool → median seconds, all tools once a round."""
    medians: dict[str, dict[str, float]] = {}
    for name, scenario in SCENARIOS.items():
        if name not in wanted:
            continue
        times: dict[str, list[float]] = {tool.name: [] for tool in tools}
        rounds = 1 if name == "cold" and repeat < 3 else repeat
        for _ in range(rounds):
            for tool in tools:
                times[tool.name].append(scenario(tool))
                print(f"{name} {tool.name}: {times[tool.name][-1]:.2f} s", flush=True)
        medians[name] = {tool: statistics.median(values) for tool, values in times.items()}
    return medians


def warm(tool: Tool, repeat: int) -> dict[str, float]:
    """Median seconds from save to new PDF under `study watch`: one word, one figure script."""
    found: dict[str, list[float]] = {"word": [], "figure": []}
    with Watched(tool.command[0], tool.folder, projects.week_id(1)) as watched:
        for round_ in range(repeat + 1):
            for mark, path in (("word", tool.text), ("figure", tool.script)):
                took = watched.rebuild(partial(tool.edit, path))
                if round_:  # the first edit pays for what is made once
                    found[mark].append(took)
    return {mark: statistics.median(values) for mark, values in found.items()}


def scaling(tool: Tool, count: int) -> list[str]:
    """How time grows: `count` reports set from figures made once, in one build; then a no-op."""
    tool.forget()
    whole = tool.run()
    noop = min(tool.run() for _ in range(3))
    return [f"{count} reports: {whole / count:.3f} s a report, nothing changed {noop:.2f} s"]


def table(medians: dict[str, dict[str, float]], tools: list[Tool]) -> list[str]:
    """Markdown rows: seconds, and how many times ours each peer takes."""
    names = [tool.name for tool in tools]
    lines = ["| scenario | " + " | ".join(names) + " |", "|---" * (len(names) + 1) + "|"]
    for scenario, row in medians.items():
        cells = []
        for name in names:
            ratio = "" if name == "ours" else f" ({row[name] / row['ours']:.2f} × ours)"
            cells.append(f"{row[name]:.2f} s{ratio}")
        lines.append(f"| {SCENARIOS[scenario].__doc__} | " + " | ".join(cells) + " |")
    return lines


def main() -> None:
    """Measure and write RESULTS.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reports", type=int, default=13)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--only", action="append", choices=[*SCENARIOS, "warm"])
    parser.add_argument("--scale", type=int, default=0, metavar="N")
    parser.add_argument("--output", type=Path, default=HERE / "RESULTS.md")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        base = Path(temporary)
        tool = ours(base, options.reports)
        tools = [tool, *peers(base, options.reports)]
        wanted = options.only or [*SCENARIOS, "warm"]
        for each in tools:
            each.run()
        medians = measure(tools, options.repeat, wanted)
        lines = [
            "# Results",
            "",
            f"{options.reports} reports, {os.cpu_count()} cores, Python "
            f"{platform.python_version()}, medians of {options.repeat} whole processes in "
            "alternation; written by `make bench`. Read the ratios.",
            "",
            *table(medians, tools),
        ]
        if "warm" in wanted:
            took = warm(tool, options.repeat)
            lines += [
                "",
                f"Under `study watch`, from save to new PDF: one word {took['word']:.2f} s, ",
            ]
            lines[-1] += f"one figure script {took['figure']:.2f} s."
        if options.scale:
            big = ours(base / "scale", options.scale)
            lines += ["", *scaling(big, options.scale)]
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        lines += ["", f"Largest process of any tool: {peak:.0f} MB."]
    text = "\n".join(lines) + "\n"
    options.output.write_text(text)
    print(text)


if __name__ == "__main__":
    main()
