"""What this machine has for building a study, what it lacks, and how to get it."""

import ctypes.util
import platform
import shutil
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from generator import __version__
from generator.compute.child import landlock, seccomp
from generator.errors import StudyError, problems_in
from generator.machine.origin import origin
from generator.machine.packages import LARGE, large, pip_install
from generator.plan.labels import installed_version, locked_versions

# What WeasyPrint loads by name, and the Debian package that brings each.
LIBRARIES = (
    ("pango-1.0", "libpango-1.0-0"),
    ("pangoft2-1.0", "libpangoft2-1.0-0"),
    ("harfbuzz-subset", "libharfbuzz-subset0"),
)
TYPESETTING = ("weasyprint", "jinja2", "markdown-it-py", "mdit-py-plugins", "pygments", "pybtex")
MODULES = {"markdown-it-py": "markdown_it", "mdit-py-plugins": "mdit_py_plugins"}
COMPUTING = ("torch", "matplotlib", "numpy")


def findings(folder: Path) -> tuple[list[str], bool]:
    """Lines for a person, and whether this machine can build every PDF.

    Without what computes, PDFs are still built from the committed figures: that is no fault.
    """
    lines: list[str] = []
    sound = True
    for good, text in [*_python(), *_guard(), *_libraries(), *_packages(), *_study(folder)]:
        mark = {True: "ok      ", False: "missing ", None: "note    "}[good]
        lines.append(mark + text)
        sound = sound and good is not False
    return lines, sound


def _python() -> Iterator[tuple[bool | None, str]]:
    yield True, f"Python {platform.python_version()} on {platform.system()} {platform.machine()}"
    known = origin()
    pin = f'; to pin it in a workflow: STUDYPRESS: "{known.pin}"' if known.pin else ""
    yield True, f"study {__version__}, {known.said}{pin}"


def _guard() -> Iterator[tuple[bool | None, str]]:
    """What keeps scripts from writing elsewhere, from the network and from other processes."""
    version = landlock.version()
    if version and seccomp.known():
        yield True, f"scripts are guarded by the kernel: Landlock {version}, seccomp"
    elif version:
        yield None, f"scripts are guarded by Landlock {version}; processes, network: Python alone"
    elif platform.system() == "Darwin":
        yield True, "scripts are guarded by the sandbox of macOS"
    else:
        yield None, "scripts are guarded in Python alone, which native code passes: no Landlock"


def _libraries() -> Iterator[tuple[bool | None, str]]:
    missing = [package for name, package in LIBRARIES if not ctypes.util.find_library(name)]
    if not missing:
        yield True, "Pango and HarfBuzz"
    elif platform.system() == "Darwin":
        yield False, "Pango: type `brew install pango`"
    else:
        yield False, f"Pango: as root, type `apt-get install -y {' '.join(missing)}`"


def _packages() -> Iterator[tuple[bool | None, str]]:
    for name in TYPESETTING:
        if find_spec(MODULES.get(name, name)) is None:
            yield False, f"{name}: type `{pip_install([name])}`"
    absent = [name for name in COMPUTING if find_spec(name) is None]
    there = [f"{name} {installed_version(name)}" for name in COMPUTING if name not in absent]
    if there:
        yield True, f"what computes: {', '.join(there)}"
    too = "; scripts that import torch need it too" if LARGE in absent else ""
    if absent == [LARGE]:
        yield (
            None,
            "torch not installed: scripts that import it cannot run here; "
            f"if yours do, type `{pip_install(absent)}`{large(absent)}",
        )
    elif absent:
        yield (
            None,
            f"{', '.join(absent)} not installed: PDFs can be built from committed figures, but no "
            f"script can draw; type `{pip_install(name for name in absent if name != LARGE)}`{too}",
        )


def _study(folder: Path) -> Iterator[tuple[bool | None, str]]:
    from generator.study.load import find_root, load_study

    try:
        root = find_root(folder)
        study = load_study(root)
    except (StudyError, ExceptionGroup) as error:
        for problem in problems_in(error):
            yield None, str(problem)
        return
    written = sum(1 for _, report in study.reports() if report.texts)
    yield True, f"study.toml: weeks {len(study.weeks)}, reports written {written}"
    pins = locked_versions(root)
    for name, version in pins.items():
        installed = installed_version(name)
        if installed is not None and installed != version:
            yield (
                False,
                f"{name} {installed} is installed, the lock says {version}: "
                f"type `{pip_install([name], pins)}`",
            )
    if shutil.which("git") is None:
        yield None, "git not found: only `study post --push` needs it"
