"""`make verify-portable`: the same bytes on every x86-64 processor with AVX2.

Builds light weeks from nothing, natively and under qemu's models of other processors, and
compares every drawing, results.json and PDF with what is committed. For what the other weeks
use, a probe compares single operations of torch and numpy. A model costs about 25 minutes of a
processor. By hand: python tests/verify_portable.py [--cpu MODEL …] [WEEK …]
"""

import argparse
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from generator.compute.child.seeds import environment
from generator.machine.processor import PORTABLE, machine

ROOT = Path(__file__).parent.parent
WEEKS = ("week-05", "week-06", "week-07", "week-09-1", "week-09-2", "week-10")
# Intel's first with AVX2, one without and one with AVX-512, and one of AMD's.
MODELS = ("Haswell", "Skylake-Client", "Cascadelake-Server", "EPYC-v3")
PROBE = Path(__file__).parent / "portable_probe.py"
QEMU = "qemu-x86_64"
# Everything of ours starts sys.executable again; under qemu that must be qemu again.
BUILD = """
import sys
sys.executable = sys.argv.pop(1)
from generator.cli import main
main(prog_name="study")
"""


def has_qemu() -> bool:
    """Whether there is qemu's user mode; on Debian, root installs it."""
    if shutil.which(QEMU):
        return True
    if os.getuid() == 0 and shutil.which("apt-get"):
        quiet = {"stdout": subprocess.DEVNULL}
        subprocess.run(["apt-get", "update", "-qq"], check=True, **quiet)  # type: ignore[call-overload]
        install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "qemu-user"]
        subprocess.run(install, check=True, **quiet)  # type: ignore[call-overload]
        return True
    return False


def python(folder: Path, cpu: str) -> Path:
    """A Python for processor model `cpu` ("": this machine's own), as a program of one name."""
    path = folder / f"python-{cpu or 'native'}"
    emulated = f"{QEMU} -cpu {cpu} " if cpu else ""
    # qemu tells of each feature of a model that it lacks: none of them computes.
    path.write_text(f'#!/bin/sh\nexec {emulated}{shlex.quote(sys.executable)} "$@"\n')
    path.chmod(0o755)
    return path


def built(folder: Path, cpu: str, weeks: Iterable[str]) -> list[str]:
    """What of `weeks`, built from nothing on `cpu`, is not what is committed."""
    name = cpu or "natively"
    clone = folder / f"study-{name}"
    clone_it = ["git", "clone", "--quiet", "--no-local", str(ROOT), str(clone)]
    subprocess.run(clone_it, check=True)
    settings = clone / "study.toml"
    # Emulated, a script takes twenty times as long.
    slow = re.sub(r"(?m)^timeout_s = \S+", "timeout_s = 100000", settings.read_text("utf-8"))
    settings.write_text(slow, "utf-8")
    committed: dict[Path, bytes] = {}
    for week in weeks:
        pdfs = sorted((clone / "reports" / week).glob("*.pdf"))
        for path in [*sorted((clone / "figures" / week).iterdir()), *pdfs]:
            committed[path] = path.read_bytes()
            path.unlink()
    program = str(python(folder, cpu))
    done = subprocess.run(
        [program, "-c", BUILD, program, "-C", str(clone), "build", "-j", "1", *weeks],
        env=os.environ | {"PYTHONPATH": str(ROOT), "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        return [f"{name}: the build failed:\n{done.stderr}"]
    found = []
    for path, content in committed.items():
        now = path.read_bytes() if path.is_file() else None
        if now != content:
            what = "is missing" if now is None else "differs"
            found.append(f"{name}: {path.relative_to(clone).as_posix()} {what}")
    count = len(committed)
    print(f"{name}: {count - len(found)} of {count} files are the same bytes", flush=True)
    return found


def probed(folder: Path, cpu: str) -> dict[str, str]:
    """Operation → digest of its result on `cpu`, in the environment of a script."""
    scratch = folder / f"probe-{cpu or 'native'}"
    scratch.mkdir()
    done = subprocess.run(
        [str(python(folder, cpu)), str(PROBE)],
        env=environment(scratch, scratch) | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return dict(line.rsplit(" ", 1) for line in done.stdout.splitlines())


def main(arguments: list[str]) -> int:
    """0 if all is the same, or cannot be compared here; 1 if something differs."""
    parser = argparse.ArgumentParser(description="Compare bytes over processors.")
    parser.add_argument("weeks", nargs="*", default=WEEKS, metavar="WEEK")
    parser.add_argument("--cpu", action="append", choices=MODELS, help="only this model")
    parser.add_argument("--probe", action="store_true", help="only the probe of operations")
    options = parser.parse_args(arguments)
    if machine() != PORTABLE:
        print(f"skipped: the promise is for {PORTABLE}, this is {machine()}")
        return 0
    if not has_qemu():
        print("skipped: there is no qemu-x86_64. Type: sudo apt-get install -y qemu-user")
        return 0
    models = options.cpu or MODELS
    found: list[str] = []
    with tempfile.TemporaryDirectory() as temporary, ThreadPoolExecutor(os.cpu_count()) as pool:
        folder = Path(temporary)
        here, *others = pool.map(lambda cpu: probed(folder, cpu), ["", *models])
        for cpu, there in zip(models, others, strict=True):
            moved = [name for name in here | there if here.get(name) != there.get(name)]
            found += [f"{cpu}: {name} differs" for name in moved]
            same = len(here) - len(moved)
            print(f"{cpu}: {same} of {len(here)} operations are the same bytes", flush=True)
        if not options.probe:
            cpus = ["", *models]
            for differing in pool.map(lambda cpu: built(folder, cpu, options.weeks), cpus):
                found += differing
    print("\n".join(found) or "the same bytes everywhere")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
