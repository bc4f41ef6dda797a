"""Measure whole processes, ours against peers, in alternation; write RESULTS.md.

    python benchmarks/run.py [--reports N] [--repeat K] [--only SCENARIO]... [--scale N]

Times on a shared machine are worth their ratios only: every round measures all tools once, and the
CPU seconds of all processes stand beside the time that passed, because neighbours slow them less.
"""

import argparse
import ctypes
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
from collections.abc import Callable, Iterator
from contextlib import suppress
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

# As after an installation, which compiles: the first build of each tool may write what Python
# keeps of modules.
ENVIRONMENT = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds that passed, and CPU seconds of every process."""

    wall_s: float
    cpu_s: float


def adopt_orphans() -> None:
    """Let processes whose parent has ended become this one's, so that their time is counted."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(36, 1)  # PR_SET_CHILD_SUBREAPER


def children_cpu_s() -> float:
    """CPU seconds of all children so far, orphans waited for."""
    while True:
        try:
            os.wait()
        except ChildProcessError:
            break
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


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

    def run(self, *more: str) -> "Spent":
        """What one whole build takes, with `more` arguments. Raises if it fails."""
        started, used = time.perf_counter(), children_cpu_s()
        subprocess.run(
            [*self.command, *more],
            cwd=self.folder,
            env=ENVIRONMENT,
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        took = time.perf_counter() - started
        return Spent(took, children_cpu_s() - used)

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


Scenario = Callable[[Tool], Spent]


def cold(tool: Tool) -> Spent:
    """Everything from nothing, computation included."""
    tool.forget()
    return tool.run()


def typeset(tool: Tool) -> Spent:
    """Every PDF from figures that are there, nothing kept."""
    tool.forget_pdfs()
    return tool.run()


def nothing(tool: Tool) -> Spent:
    """Nothing changed."""
    return tool.run()


def word(tool: Tool) -> Spent:
    """One word of one report changed."""
    tool.edit(tool.text)
    return tool.run()


def figure(tool: Tool) -> Spent:
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
EXTRAS = ("warm", "parallel", "memory")


def measure(
    tools: list[Tool], repeat: int, wanted: list[str]
) -> tuple[dict[str, dict[str, float]], dict[str, dict[str, float]]]:
    """Scenario → tool → median seconds, passed and of CPU; all tools once a round."""
    walls: dict[str, dict[str, float]] = {}
    cpus: dict[str, dict[str, float]] = {}
    for name, scenario in SCENARIOS.items():
        if name not in wanted:
            continue
        spent: dict[str, list[Spent]] = {tool.name: [] for tool in tools}
        rounds = 1 if name == "cold" and repeat < 3 else repeat
        for _ in range(rounds):
            for tool in tools:
                one = scenario(tool)
                spent[tool.name].append(one)
                print(f"{name} {tool.name}: {one.wall_s:.2f} s, CPU {one.cpu_s:.2f}", flush=True)
        walls[name] = {
            tool: statistics.median(one.wall_s for one in each) for tool, each in spent.items()
        }
        cpus[name] = {
            tool: statistics.median(one.cpu_s for one in each) for tool, each in spent.items()
        }
    return walls, cpus


def warm(tool: Tool, repeat: int) -> dict[str, float]:
    """Median seconds from save to new PDF under `study watch`: one word, one figure script."""
    found: dict[str, list[float]] = {"word": [], "figure": []}
    with Watched(tool.command[0], tool.folder, projects.week_id(1), ENVIRONMENT) as watched:
        for round_ in range(repeat + 1):
            for mark, path in (("word", tool.text), ("figure", tool.script)):
                took = watched.rebuild(partial(tool.edit, path))
                if round_:  # the first edit pays for what is made once
                    found[mark].append(took)
    return {mark: statistics.median(values) for mark, values in found.items()}


def parallel(tool: Tool, repeat: int) -> list[str]:
    """How many times faster a cold build is with two workers than with one."""
    ratios = []
    for _ in range(repeat):
        took = []
        for workers in ("1", "2"):
            tool.forget()
            took.append(tool.run("-j", workers))
        ratios.append(took[0].wall_s / took[1].wall_s)
        print(f"-j 1 / -j 2: {ratios[-1]:.2f}", flush=True)
    return ["", f"Cold, -j 2 is {statistics.median(ratios):.2f} times as fast as -j 1."]


def scaling(tool: Tool, small: Tool, count: int, few: int) -> list[str]:
    """How time grows: a report's share of one cold build of `few` and of `count`; then a no-op."""
    small.forget()
    one = small.run().cpu_s / few
    tool.forget()
    many = tool.run().cpu_s / count
    noop = min(tool.run().wall_s for _ in range(3))
    return [
        "",
        f"{count} reports: {many:.2f} s of CPU a report, where {few} take {one:.2f} s each; "
        f"nothing changed: {noop:.2f} s.",
    ]


def memory(tool: Tool) -> list[str]:
    """The most that the processes of a cold build hold at once, shared pages counted once."""
    tool.forget()
    process = subprocess.Popen(
        tool.command, cwd=tool.folder, env=ENVIRONMENT, stdout=subprocess.DEVNULL
    )
    most = 0
    while process.poll() is None:
        most = max(most, sum(map(proportional_kb, descendants(process.pid))))
        time.sleep(0.05)
    return ["", f"Memory of all processes of a cold build: at most {most / 1024:.0f} MB."]


def descendants(pid: int) -> Iterator[int]:
    """`pid` and every process below it."""
    yield pid
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            for child in task.read_text().split():
                yield from descendants(int(child))


def proportional_kb(pid: int) -> int:
    """The process's share of memory: what it has alone, and its part of what is shared."""
    with suppress(OSError):
        found = re.search(r"^Pss: +(\d+)", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.M)
        return int(found[1]) if found else 0
    return 0


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
    parser.add_argument("--only", action="append", choices=[*SCENARIOS, *EXTRAS])
    parser.add_argument("--scale", type=int, default=0, metavar="N")
    parser.add_argument("--output", type=Path, default=HERE / "RESULTS.md")
    options = parser.parse_args()
    adopt_orphans()
    with tempfile.TemporaryDirectory() as temporary:
        base = Path(temporary)
        tool = ours(base, options.reports)
        tools = [tool, *peers(base, options.reports)]
        wanted = options.only or [*SCENARIOS, *EXTRAS]
        for each in tools:
            each.run()
        walls, cpus = measure(tools, options.repeat, wanted)
        lines = [
            "# Results",
            "",
            f"{options.reports} reports, {os.cpu_count()} cores, Python "
            f"{platform.python_version()}, medians of {options.repeat} whole processes in "
            "alternation; written by `make bench`. Read the ratios.",
            "",
            "Seconds that passed:",
            "",
            *table(walls, tools),
            "",
            "CPU seconds of all processes, which neighbours on the machine disturb less:",
            "",
            *table(cpus, tools),
        ]
        if "warm" in wanted:
            took = warm(tool, options.repeat)
            lines += [
                "",
                f"Under `study watch`, from save to new PDF: one word {took['word']:.2f} s, "
                f"one figure script {took['figure']:.2f} s.",
            ]
        if "parallel" in wanted:
            lines += parallel(tool, options.repeat)
        if "memory" in wanted:
            lines += memory(tool)
        if options.scale:
            big = ours(base / "scale", options.scale)
            lines += scaling(big, tool, options.scale, options.reports)
    text = "\n".join(lines) + "\n"
    options.output.write_text(text)
    print(text)


if __name__ == "__main__":
    main()
