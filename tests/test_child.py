"""One script in its child: what goes wrong is told, what is read is noted, harm is refused."""

import contextlib
import importlib.metadata
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from generator.compute.jobs.pool import run_job
from generator.digest import digest_file
from generator.errors import ScriptError
from generator.machine.models import load_models
from generator.model import Job
from generator.plan.labels import ABSENT, digest_listing
from tests.script_study import ScriptStudy

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def study(tmp_path: Path) -> ScriptStudy:
    return ScriptStudy(tmp_path / "study")


# ---------------------------------------------------------------- faults

FAULTS = {
    "raises": ("x = 1\n1 / 0", ":3: raised ZeroDivisionError: division by zero"),
    "exits": ("import sys\nsys.exit(3)", ":3: the script called exit(3), compute() has to return"),
    "exits-well": ("quit()", ":2: the script called exit(), compute() has to return"),
    "exits-at-once": ("import os\nos._exit(0)", ":3: the script called exit(0)"),
    "unknown-name": ("run.value('a', nothing)", ":2: raised NameError: name 'nothing' is not"),
    "unknown-method": ("run.number('a', 1)", ":2: raised AttributeError: 'Run' object has no"),
    "killed": (
        "import os\nos.kill(os.getpid(), 9)",
        ":3: was killed (SIGKILL), most likely because the machine ran out of memory",
    ),
    "crashed": ("import ctypes\nctypes.string_at(0)", ":3: crashed (SIGSEGV): Segmentation fault"),
    "aborted": ("import os\nos.abort()", ":3: crashed (SIGABRT): Aborted"),
    "greedy": ("bytearray(9 << 30)", ":2: raised MemoryError: it needs more memory than it may"),
    "deep": ("def f(): f()\nf()", ":2: raised RecursionError: maximum recursion depth exceeded"),
    "asks": ("input()", ":2: raised EOFError: EOF when reading a line"),
    "assertion": ("assert 1 == 2, 'no'", ":2: raised AssertionError: no"),
    "group": (
        "raise ExceptionGroup('both', [ValueError('a')])",
        "/compute.py:2: raised ValueError: a",
    ),
    "of-its-own": (
        "class Odd(BaseException): pass\nraise Odd('no')",
        ":3: raised compute.compute.<locals>.Odd: no",
    ),
    "of-many-lines": (
        "raise ValueError('a\\n\\tb\\x1b[31m')",
        ":2: raised ValueError: a b\\x1b[31m",
    ),
    "in-a-thread": (
        "import threading\nthread = threading.Thread(target=lambda: 1 / 0)\n"
        "thread.start()\nthread.join()\nrun.value('a', 1)",
        ":3: raised ZeroDivisionError: division by zero",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_told_with_the_authors_line(study: ScriptStudy, name: str) -> None:
    body, message = FAULTS[name]
    [complaint] = study.complaints(study.body(body))
    assert complaint.startswith("reports/week-01/compute.py")
    assert message in complaint


def test_a_hanging_script_is_ended_where_it_hangs(study: ScriptStudy) -> None:
    study.body("print('so far')\nwhile True:\n    pass")
    [problem] = study.problems(study.job(timeout_s=0.5))
    assert str(problem).startswith("reports/week-01/compute.py:")
    assert problem.where is not None
    assert problem.where.line in (3, 4)
    assert problem.message == "did not end within 0.5 s"
    assert isinstance(problem, ScriptError)
    assert problem.log == "so far\n"


def test_a_hang_inside_native_code_is_ended_too(study: ScriptStudy) -> None:
    study.body("import time\ntime.sleep(60)")
    assert study.complaints(study.job(timeout_s=0.5)) == [
        "reports/week-01/compute.py:3: did not end within 0.5 s"
    ]


def test_lines_are_found_in_a_folder_with_spaces_and_hangul(tmp_path: Path) -> None:
    study = ScriptStudy(tmp_path / "우리 스터디 \\ #1")
    study.body("import ctypes\nctypes.string_at(0)")
    assert study.complaints() == [
        "reports/week-01/compute.py:3: crashed (SIGSEGV): Segmentation fault"
    ]


def test_an_error_in_a_shared_module_names_both_lines(study: ScriptStudy) -> None:
    study.write("common/deep.py", "def fail():\n    raise ValueError('no')\n")
    study.body("deep.fail()", before="from common import deep\n")
    assert study.complaints() == [
        "reports/common/deep.py:2: raised ValueError: no (called from reports/week-01/compute.py:3)"
    ]


def test_a_missing_package_is_told_by_what_pip_calls_it(study: ScriptStudy) -> None:
    def hint(name: str) -> str:
        [problem] = study.problems(study.script(f"import {name}\ndef compute(run): pass\n"))
        assert problem.message.endswith(", which is not installed")
        return problem.hint

    assert hint("nowhere.inner") == 'type `pip install "nowhere"`'
    assert hint("skimage") == 'type `pip install "scikit-image"`'
    (study.root / "locks").mkdir()
    (study.root / "locks" / "ours.txt").write_text("nowhere==1.2\n")
    assert hint("nowhere") == 'type `pip install "nowhere==1.2"`'
    for path in ("common/tools.py", "week-01/helper.py"):
        study.write(path, "")
    for ours in ("tools", "week_02", "helper"):
        assert hint(ours) == "shared modules live in reports/common/: from common import NAME"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("def compute(run):\n    x = = 1\n", ":2: is not Python: invalid syntax, at `x = = 1`"),
        ("x = 1\n", ":1: defines no compute()"),
        ("compute = 3\n", ": compute is no plain function, expected `def compute(run)`"),
        ("def compute():\n    pass\n", ":1: compute() cannot be called with one argument, "),
        ("x = 1\ndef compute(a, b):\n    pass\n", ":2: compute(a, b) cannot be called with one"),
        ("async def compute(run):\n    pass\n", ":1: compute is no plain function"),
        ("import nowhere\n", ":1: imports nowhere, which is not installed"),
        ("from common import gone\n", ":1: imports gone from common, reports/common/ has neither"),
        ("import common.gone\n", ":1: imports common.gone, there is no reports/common/gone.py"),
        ("from generator import cache\n", ":1: imports generator, of the compiler a"),
    ],
)
def test_a_script_that_cannot_run_is_told_why(
    study: ScriptStudy, text: str, complaint: str
) -> None:
    study.write("common/__init__.py", "")
    [said] = study.complaints(study.script(text))
    assert said.startswith(f"reports/week-01/compute.py{complaint}")


def test_a_script_that_is_not_utf8_is_told_so(study: ScriptStudy) -> None:
    job = study.script("")
    (study.root / job.script).write_bytes(b"# caf\xe9\ndef compute(run):\n    pass\n")
    [complaint] = study.complaints(job)
    expected = "reports/week-01/compute.py:1: is not Python: the byte 0xe9 is not UTF-8"
    assert complaint.startswith(expected)


def test_a_script_with_bom_and_crlf_runs(study: ScriptStudy) -> None:
    job = study.script("")
    text = "\ufeffdef compute(run):\r\n    run.value('a', 1)\r\n"
    (study.root / job.script).write_bytes(text.encode())
    assert study.run(job).results.values["a"].value == 1


def test_problems_that_were_noted_come_with_the_exception(study: ScriptStudy) -> None:
    study.body("run.value('A', 1)\nraise KeyError('x')")
    assert [str(p).partition(":")[2] for p in study.problems()] == [
        "2: value 'A': a name has small letters, digits and underscores, a letter first",
        "3: raised KeyError: 'x'",
    ]


def test_what_a_script_prints_is_its_log(study: ScriptStudy) -> None:
    study.body(
        """
        print("to stdout", flush=False)
        print("to stderr", file=sys.stderr)
        os.write(1, b"from native code\\n")
        run.value("a", 1)
        """,
        before="import os, sys\n",
    )
    outcome = study.run()
    assert outcome.log == "to stdout\nto stderr\nfrom native code\n"
    assert (study.root / ".study/logs/week-01.log").read_text() == outcome.log


def test_very_much_print_is_cut_to_its_end(study: ScriptStudy) -> None:
    study.body("for i in range(200_000):\n    print(i)\nrun.value('a', 1)")
    log = study.run().log
    assert len(log) < 100_000
    assert log.endswith("199999\n")
    assert log.startswith("[")


def test_nothing_is_left_in_the_scratch_folder(study: ScriptStudy) -> None:
    study.body("open('mine.txt', 'w').write('x')\nrun.value('a', 1)")
    study.run()
    assert list((study.root / ".study/scratch").iterdir()) == []


# ---------------------------------------------------------------- what was read


def test_what_was_read_is_noted_by_label_and_digest(study: ScriptStudy) -> None:
    study.write("common/__init__.py", "")
    study.write("common/first.py", "from common.second import n\n")
    study.write("common/second.py", "n = 2\n")
    study.write("common/unused.py", "n = 3\n")
    study.write("week-01/data/points.csv", "1,2\n")
    study.write("week-01/data/more.csv", "3,4\n")
    study.body(
        """
        here = Path(__file__).parent
        run.value("n", first.n)
        run.value("size", len((here / "data" / "points.csv").read_text()))
        run.value("files", len(os.listdir(here / "data")))
        run.value("none", int((here / "none.txt").exists()))
        try:
            open(here / "optional.txt")
        except FileNotFoundError:
            pass
        """,
        before="import os\nfrom pathlib import Path\nfrom common import first\n",
    )
    reports = study.root / "reports"
    assert study.run().inputs == {
        "seed": "7",
        "contract": "1",
        "reports/week-01/compute.py": digest_file(reports / "week-01/compute.py"),
        "reports/common/__init__.py": digest_file(reports / "common/__init__.py"),
        "reports/common/first.py": digest_file(reports / "common/first.py"),
        "reports/common/second.py": digest_file(reports / "common/second.py"),
        "reports/week-01/data/points.csv": digest_file(reports / "week-01/data/points.csv"),
        "reports/week-01/data/": digest_listing(["points.csv", "more.csv"]),
        "reports/week-01/optional.txt": ABSENT,
    }


def test_versions_are_those_of_what_the_script_imports(study: ScriptStudy) -> None:
    study.body("run.value('a', float(numpy.float64(1)))", before="import numpy\n")
    versions = [label for label in study.run().inputs if label.startswith("version:")]
    assert versions == ["version:numpy"]
    study.body("run.value('a', 1)", before="from PIL import Image\nimport yaml, json\n")
    versions = [label for label in study.run().inputs if label.startswith("version:")]
    assert sorted(versions) == ["version:pillow", "version:pyyaml"]
    study.body(
        """
        import importlib
        numpy = importlib.import_module("numpy")
        figure = run.new_figure(30)
        figure.text(0.5, 0.5, "a")
        run.figure("a", figure)
        """
    )
    labels = study.run().inputs
    assert {"version:numpy", "version:matplotlib", "version:fontpkg-source-sans-3"} <= set(labels)
    assert "version:torch" not in labels
    assert all("+" not in value for value in labels.values())


def test_a_module_is_run_from_its_source_whatever_its_time_says(study: ScriptStudy) -> None:
    module = study.write("common/number.py", "n = 1\n")
    study.write("common/__init__.py", "")
    study.body("run.value('n', number.n)", before="from common import number\n")
    stamp = module.stat()
    import py_compile

    py_compile.compile(str(module))
    module.write_text("n = 2\n")
    os.utime(module, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    assert study.run().results.values["n"].value == 2


def test_a_module_that_was_looked_for_in_vain_is_noted(study: ScriptStudy) -> None:
    study.write("common/__init__.py", "")
    study.script(
        """
        try:
            from common import fast
        except ImportError:
            fast = None

        def compute(run):
            run.value("fast", int(fast is not None))
        """
    )
    assert study.run().inputs["reports/common/fast.py"] == ABSENT
    study.write("common/fast.py", "")
    outcome = study.run()
    assert outcome.results.values["fast"].value == 1
    assert outcome.inputs["reports/common/fast.py"] != ABSENT


def test_a_file_is_noted_as_it_was_when_it_was_read(study: ScriptStudy) -> None:
    path = study.write("week-01/data.txt", "before")
    study.body(
        """
        path = run.file("data.txt")
        run.string("text", path.read_text())
        print("read", flush=True)
        time.sleep(1)
        """,
        before="import time\n",
    )
    before = digest_file(path)
    import threading

    threading.Timer(0.6, lambda: path.write_text("after")).start()
    outcome = study.run()
    assert path.read_text() == "after"
    assert outcome.results.strings["text"] == "before"
    assert outcome.inputs["reports/week-01/data.txt"] == before


# ---------------------------------------------------------------- guards


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("import socket\nsocket.create_connection(('127.0.0.1', 9))", "a script has no network"),
        (
            "import urllib.request\nurllib.request.urlopen('http://localhost:9/')",
            "a script has no network",
        ),
        ("import subprocess\nsubprocess.run(['ls'])", "a script may not start other processes"),
        ("import os\nos.system('ls')", "a script may not start other processes"),
        ("import os\nos.fork()", "a script may not start other processes"),
        ("open(run.file('compute.py'), 'a')", "a script writes only in its scratch folder"),
        ("import os\nos.remove(run.file('compute.py'))", "a script writes only in its scratch"),
        ("run.file('compute.py').rename('here.py')", "a script writes only in its scratch folder"),
        ("import os\nos.mkdir('/tmp/of-a-script')", "a script writes only in its scratch folder"),
        ("open('/home/somebody/data.csv')", "reads /home/somebody/data.csv, which lies outside"),
        ("open('/etc/hostname')", "reads /etc/hostname, which lies outside the study"),
        (
            "from pathlib import Path\nPath('/etc/hostname').read_text()",
            "reads /etc/hostname, which lies outside the study",
        ),
        ("import glob\nglob.glob('/home/*')", "reads /home, which lies outside the study"),
        ("import os\nos.kill(os.getppid(), 0)", "a script may not send signals to other processes"),
        ("open('/dev/shm/of-a-script', 'w')", "a script writes only in its scratch folder"),
        (
            "import sqlite3\nsqlite3.connect('/tmp/of-a-script.db')",
            "a script writes only in its scratch folder",
        ),
        ("import os\nos.utime(run.file('compute.py'))", "a script writes only in its scratch"),
    ],
)
def test_what_a_script_must_not_do_is_refused(study: ScriptStudy, body: str, message: str) -> None:
    [complaint] = study.complaints(study.body(body))
    assert re.match(r"reports/week-01/compute.py:[23]: ", complaint)
    assert message in complaint


def living_in(group: str) -> list[str]:
    """The processes of a process group that run; those that ended wait for the system."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, _, its_group = path.read_text().rpartition(")")[2].split()[:3]
            if its_group == group and state not in "ZX":
                found.append(path.parent.name)
    return found


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_what_native_code_starts_holds_nothing_up_and_does_not_stay(study: ScriptStudy) -> None:
    study.body(
        """
        if libc.fork() == 0:
            libc.sleep(60)
        run.value("a", 1)
        print(libc.getpgrp())
        """,
        before="import ctypes\nlibc = ctypes.CDLL(None)\n",
    )
    started = time.monotonic()
    outcome = study.run()
    assert time.monotonic() - started < 30
    group = outcome.log.strip()
    deadline = time.monotonic() + 5
    while living_in(group) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert living_in(group) == []


def test_scratch_files_may_be_written_and_read(study: ScriptStudy) -> None:
    study.body(
        """
        Path("a/b").mkdir(parents=True)
        Path("a/b/c.txt").write_text("x")
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "d.txt").write_text("y")
        run.string("text", Path("a/b/c.txt").read_text())
        """,
        before="import tempfile\nfrom pathlib import Path\n",
    )
    outcome = study.run()
    assert outcome.results.strings["text"] == "x"
    assert set(outcome.inputs) == {"seed", "contract", "reports/week-01/compute.py"}


def test_the_environment_is_not_the_users(
    study: ScriptStudy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("A_SECRET", "hidden")
    monkeypatch.setenv("OMP_NUM_THREADS", "64")
    study.body(
        """
        run.string("secret", dict(os.environ).get("A_SECRET", "none"))
        run.string("threads", os.environ["OMP_NUM_THREADS"])
        run.string("home", str(os.path.expanduser("~") == os.getcwd()))
        """,
        before="import os\n",
    )
    assert study.run().results.strings == {"secret": "none", "threads": "1", "home": "True"}


@pytest.mark.parametrize("value", ["", "AVX512"])
def test_what_the_user_tells_the_numerical_libraries_changes_nothing(
    study: ScriptStudy, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    study.body(
        """
        x = torch.rand(50, 50)
        run.value("torch", float((x @ x).sqrt().exp().sum()))
        run.value("numpy", float(np.exp(np.linspace(0, 1, 999)).sum()))
        """,
        before="import numpy as np\nimport torch\n",
    )
    expected = study.run()
    for name in ("MKL_CBWR", "OPENBLAS_CORETYPE", "ATEN_CPU_CAPABILITY", "ONEDNN_MAX_CPU_ISA"):
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("NPY_DISABLE_CPU_FEATURES", value)
    monkeypatch.setenv("MKL_NUM_THREADS", value)
    assert study.run().results == expected.results


# ---------------------------------------------------------------- the same bytes


def test_two_processes_and_two_folders_give_the_same_bytes(tmp_path: Path) -> None:
    outcomes = []
    for place in ("one", "another place"):
        study = ScriptStudy(tmp_path / place)
        study.body(
            """
            figure = run.new_figure(50)
            first, second = figure.subplots(1, 2)
            for word in {"red", "green", "blue"}:
                first.plot(np.random.rand(5), label=word)
            first.legend()
            second.imshow(np.random.rand(4, 4))
            second.set_title("$\\\\sum_i x_i$ 그림")
            run.figure("plot", figure)
            run.value("torch", torch.randn(10).sum().item())
            """,
            before="import numpy as np\nimport torch\n",
        )
        outcomes.append(study.run())
    one, other = outcomes
    assert one.files == other.files
    assert one.results == other.results
    assert one.inputs == other.inputs


def test_torch_runs_deterministic_and_on_one_thread(study: ScriptStudy) -> None:
    study.body(
        """
        run.value("threads", torch.get_num_threads())
        run.value("deterministic", int(torch.are_deterministic_algorithms_enabled()))
        run.string("vectors", torch.backends.cpu.get_cpu_capability())
        """,
        before="import torch\n",
    )
    results = study.run().results
    assert results.values["threads"].value == 1
    assert results.values["deterministic"].value == 1
    if os.uname().machine == "x86_64":
        assert results.strings["vectors"] == "AVX2"


# ---------------------------------------------------------------- no hidden reading


needs_strace = pytest.mark.skipif(
    sys.platform != "linux" or shutil.which("strace") is None,
    reason="needs strace, which only Linux has",
)


@needs_strace
def test_strace_sees_no_file_read_that_is_in_no_key(study: ScriptStudy) -> None:
    study.write("common/__init__.py", "")
    study.write("common/words.py", "from pathlib import Path\n"
                "TEXT = (Path(__file__).parent / 'words.txt').read_text()\n")  # fmt: skip
    study.write("common/words.txt", "a b c")
    study.write("week-01/data/points.csv", "1,2\n3,4\n")
    study.write("week-01/data/weights.npy", "")
    study.write("week-01/unread.txt", "x")
    study.body(
        """
        points = np.loadtxt(run.file("data/points.csv"), delimiter=",")
        np.save("mine.npy", points)
        run.value("sum", np.load("mine.npy").sum())
        run.value("words", len(words.TEXT.split()))
        ctypes.CDLL(None).fopen(str(run.file("data/weights.npy")).encode(), b"r")
        """,
        before="import ctypes\nimport numpy as np\nfrom common import words\n",
    )
    opened, inputs = strace(study.root, study.job())
    labels = labels_below(study.root, opened)
    assert "reports/week-01/data/weights.npy" in labels  # strace sees what native code opens
    assert labels <= set(inputs)
    assert "reports/week-01/unread.txt" not in inputs


def weeks() -> list[str]:
    """Every real week; without STUDY_ALL_WEEKS (`make verify` sets it) those that take seconds.

    The others train or sample for minutes in their first run, which a memo keeps from then on.
    """
    scripts = sorted((ROOT / "reports").glob("*/compute.py"))
    every = "STUDY_ALL_WEEKS" in os.environ
    return [s.parent.name for s in scripts if every or "run.memo(" not in s.read_text("utf-8")]


@needs_strace
@pytest.mark.slow
@pytest.mark.parametrize("week", weeks())
def test_no_real_week_reads_a_file_or_a_model_that_is_in_no_key(week: str, tmp_path: Path) -> None:
    root = tmp_path / "study"
    shutil.copytree(ROOT / "reports", root / "reports")  # without what a memo kept
    shutil.copy(ROOT / "models.toml", root)
    opened, inputs = strace(root, Job(week, f"reports/{week}/compute.py", 0, 600.0))
    assert labels_below(root, opened) <= set(inputs)

    pinned: dict[str, str] = {}
    folders: set[Path] = set()
    for name, pin in load_models(ROOT).items():
        try:
            files = importlib.metadata.distribution(pin.distribution)
        except importlib.metadata.PackageNotFoundError:
            continue
        member = Path(str(files.locate_file(pin.member)))
        pinned[str(member)] = f"model:{name}"
        folders.add(Path(str(files.locate_file(pin.member.partition("/")[0]))))
    for path in opened:
        # Of the distributions with models, everything but their code has to be pinned.
        if any(Path(path).is_relative_to(folder) for folder in folders) and not path.endswith(
            (".py", ".pyc", ".so")
        ):
            assert pinned[path] in inputs


def strace(root: Path, job: Job) -> tuple[set[str], dict[str, str]]:
    """Every path that the child opened, told by the kernel, and the inputs that were noted."""
    log, noted = root.parent / "strace.txt", root.parent / "inputs.json"
    code = (
        "import json, sys; from pathlib import Path; from generator.model import Job; "
        "from generator.compute.jobs.pool import run_job; root, noted, *job = sys.argv[1:]; "
        "outcome = run_job(Path(root), Job(job[0], job[1], int(job[2]), float(job[3]))); "
        "Path(noted).write_text(json.dumps(dict(outcome.inputs)))"
    )
    arguments = [root, noted, job.report, job.script, job.seed, job.timeout_s]
    subprocess.run(
        [
            *("strace", "-f", "-qq", "--seccomp-bpf", "-e", "trace=open,openat", "-o", log),
            *(sys.executable, "-c", code, *map(str, arguments)),
        ],
        check=True,
        cwd=ROOT,
        timeout=700,
    )
    calls = re.findall(r'open(?:at)?\((?:[^,"]+, )?"([^"]+)"[^\n]*= \d', log.read_text())
    return set(calls), json.loads(noted.read_text())


def labels_below(root: Path, opened: set[str]) -> set[str]:
    """The files of the study among the opened paths."""
    below = {path[len(f"{root}/") :] for path in opened if path.startswith(f"{root}/")}
    return {label for label in below if (root / label).is_file() and ".study" not in label}


# ---------------------------------------------------------------- by hand


def by_hand(study: ScriptStudy, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "generator.compute.child", *arguments],
        cwd=study.root,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_a_script_runs_by_hand_and_shows_what_it_stored(study: ScriptStudy) -> None:
    study.body(
        """
        print("working")
        run.value("length", 1.5, unit="m", error=0.5)
        run.string("word", "token")
        run.table("t", ["a", "b"], [["x", 0.25]])
        figure = run.new_figure(20)
        figure.text(0.5, 0.5, "a")
        run.figure("picture", figure)
        """
    )
    done = by_hand(study, "week-01")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[:5] == [
        "working",
        "length = 1.5 ± 0.5 m",
        "word = 'token'",
        "t:",
        "  a | b",
    ]
    assert (study.root / ".study/scratch/week-01/picture.svg").read_bytes().startswith(b"<?xml")


def test_by_hand_a_mistake_is_told_with_its_hint(study: ScriptStudy) -> None:
    study.body("open('points.csv')")
    done = by_hand(study, "week-01")
    assert done.returncode == 1
    assert "error: reports/week-01/compute.py:2: raised FileNotFoundError" in done.stderr
    assert "hint: paths begin at the script's folder, reports/week-01/" in done.stderr
    done = by_hand(study, "week-99")
    assert done.returncode == 1
    assert "error: reports/week-99/compute.py: there is no such script" in done.stderr
    assert by_hand(study).returncode == 2


def test_a_cold_child_costs_little_above_its_script(study: ScriptStudy) -> None:
    study.body("run.value('a', 1)")
    run_job(study.root, study.job())
    started = time.perf_counter()
    run_job(study.root, study.job())
    # 0.09 s measured; the bound is wide because the machine is shared.
    assert time.perf_counter() - started < 1.0
