"""A study that is nothing but scripts, written where a test wants it, and what they give."""

import textwrap
from pathlib import Path

from generator.compute.jobs.supervise import Family, Start, cold, run_child
from generator.errors import StudyError, problems_in
from generator.model import Job, Outcome


class ScriptStudy:
    """A study at `root`; scripts and shared modules are given as indented text.

    start: how children come to life; a warm server makes a test of many runs ten times faster.
    """

    def __init__(self, root: Path, start: Start = cold) -> None:
        self.root = root
        self.start = start
        (root / "reports").mkdir(parents=True)
        (root / "study.toml").write_text('title = "A study"\n')

    def write(self, path: str, text: str) -> Path:
        """Write the file at `path` below reports/, its folders included."""
        target = self.root / "reports" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(textwrap.dedent(text).lstrip("\n"), "utf-8")
        return target

    def script(self, text: str, report: str = "week-01") -> Job:
        """Write the script of `report`; return the job that runs it."""
        self.write(f"{report}/compute.py", text)
        return self.job(report)

    def body(self, text: str, report: str = "week-01", before: str = "") -> Job:
        """Write a script whose compute() has the lines of `text`, from line 2 on."""
        lines = textwrap.indent(textwrap.dedent(text).strip("\n"), "    ")
        return self.script(f"{before}def compute(run):\n{lines}\n", report)

    def job(self, report: str = "week-01", timeout_s: float = 30.0) -> Job:
        return Job(report, f"reports/{report}/compute.py", 7, timeout_s)

    def run(self, job: Job | None = None) -> Outcome:
        """What the script gives in a child."""
        return run_child(self.start, Family(), self.root, job or self.job())

    def problems(self, job: Job | None = None) -> list[StudyError]:
        """What is wrong with the script, which must fail."""
        try:
            outcome = self.run(job)
        except (StudyError, ExceptionGroup) as error:
            return list(problems_in(error))
        raise AssertionError(f"the script succeeded: {outcome}")

    def complaints(self, job: Job | None = None) -> list[str]:
        """`problems` as the author reads them."""
        return [str(problem) for problem in self.problems(job)]
