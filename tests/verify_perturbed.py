"""Which numbers and drawings would move if the last bits of a computation were others.

Runs each script, without what its memos keep, in two worlds that round differently: with the
code for processors of 2011, which takes sums in another order and has no fused steps, and with
the code that this processor's makers chose. What then differs from the committed results, beyond
what `generator.store.agree` takes for the same, is chaotic by nature: it must not be printed with
so many digits, or drawn. By hand: python tests/verify_perturbed.py [REPORT …]
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from generator.compute.child.seeds import environment
from generator.plan.staleness import chosen
from generator.store.agree import differences
from generator.study.load import load_study

ROOT = Path(__file__).parent.parent
HELD = (
    "ATEN_CPU_CAPABILITY",
    "ONEDNN_MAX_CPU_ISA",
    "OPENBLAS_CORETYPE",
    "MKL_CBWR",
    "NPY_ENABLE_CPU_FEATURES",
)
OLDER = {
    "OPENBLAS_CORETYPE": "Sandybridge",
    "MKL_CBWR": "COMPATIBLE",
    "ATEN_CPU_CAPABILITY": "default",
    "ONEDNN_MAX_CPU_ISA": "SSE41",
    "NPY_DISABLE_CPU_FEATURES": "X86_V3 X86_V4 AVX512_ICL AVX512_SPR",
}
WORLDS: dict[str, Mapping[str, str]] = {"older processor": OLDER, "this processor": {}}
RUN = """
import os, sys
from pathlib import Path
from generator.compute.child.run import run_script
from generator.model import Job
from generator.store.record import results_json
root, report, script, seed = Path(sys.argv[1]), *sys.argv[2:5]
scratch = Path(os.environ["TMPDIR"])
os.chdir(scratch)
outcome = run_script(root, Job(report, script, int(seed), 0.0), scratch)
for name, content in {**outcome.files, "results.json": results_json(outcome.results)}.items():
    (scratch / name).write_bytes(content)
"""


def run_in(world: Mapping[str, str], clone: Path, report: str, seed: int) -> dict[str, bytes]:
    """File name → content of what the script of `report` gives in `world`."""
    script = f"reports/{report}/compute.py"
    # What a memo keeps was computed in the other world.
    shutil.rmtree(clone / ".study", ignore_errors=True)
    with tempfile.TemporaryDirectory(dir=clone) as folder:
        scratch = Path(folder)
        settings = environment(scratch, clone / ".study" / "plots")
        for name in HELD:
            settings.pop(name, None)
        subprocess.run(
            [sys.executable, "-P", "-c", RUN, str(clone), report, script, str(seed)],
            env={**settings, **world, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.DEVNULL,
            check=True,
        )
        made = [path for path in scratch.iterdir() if path.is_file()]
        return {path.name: path.read_bytes() for path in made}


def committed(report: str) -> dict[str, bytes]:
    """File name → content of the committed outputs of `report`."""
    files = [p for p in (ROOT / "figures" / report).iterdir() if p.name != "record.json"]
    return {path.name: path.read_bytes() for path in files}


def main(arguments: list[str]) -> int:
    """0 if nothing that is printed or drawn moves, 1 if something does."""
    parser = argparse.ArgumentParser(description="Name what last bits move.")
    parser.add_argument("reports", nargs="*", metavar="REPORT")
    options = parser.parse_args(arguments)
    study = load_study(ROOT)
    reports = [r.id for _, r in chosen(study, options.reports) if r.script]
    moved = 0
    with tempfile.TemporaryDirectory() as temporary:
        clone = Path(temporary) / "study"
        command = ["git", "clone", "--quiet", "--no-local", str(ROOT), str(clone)]
        subprocess.run(command, check=True)
        for report in reports:
            before = committed(report)
            for name, world in WORLDS.items():
                after = run_in(world, clone, report, study.seed)
                found = differences(before, after, most=99)
                moved += len(found)
                print(f"{report}, {name}: {len(found)} moved", flush=True)
                for sentence in found:
                    print(f"  {sentence}", flush=True)
    return 1 if moved else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
