"""Which printed words and drawings would move if the last bits of a computation were others.

Runs each script, without what its memos keep, in two worlds that round differently: with the
code for processors of 2011, which takes sums in another order and has no fused steps, and with
the code that this processor's makers chose. Each report's texts are then rendered with the new
results and compared with the committed ones, word by word; drawings, by how far their ink is
apart. What moves is chaotic by nature: it must not be printed with so many digits, or drawn.
By hand: python tests/verify_perturbed.py [REPORT …]
"""

import argparse
import difflib
import html
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import weasyprint
from numpy.typing import NDArray
from PIL import Image

from generator.compute.child.seeds import environment
from generator.model import Report, Study, Week
from generator.plan.staleness import chosen
from generator.store.record import results_from_json
from generator.study.load import load_study
from generator.text.report import render_report

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
# A drawing moves if some of its ink is farther than this from any ink of the other drawing.
DPI = 72  # a pixel is a point, 0.35 mm: less cannot be read off an axis
INK = 48  # of 255: fainter differences are the same edge, drawn over other parts of a pixel
Grid = NDArray[np.uint8]
# Reports that are told of, and fail nothing: hundreds of steps of training in single precision.
# In double precision they would stand still, for 1.45 times the processor time.
TRAINED = ("week-11", "week-12", "project")
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


def printed(
    root: Path, study: Study, week: Week, report: Report, results: bytes
) -> dict[str, list[str]]:
    """Path of a text → its words and formulas as they are printed with `results`."""
    found = {}
    for language, path in report.texts:
        read = results_from_json(results, "results.json")
        document = render_report(root, study, week, report, language, read)
        words = html.unescape(re.sub(r"<[^>]*>", " ", document.body)).split()
        found[path] = words + [each.tex for each in document.formulas]
    return found


def words_moved(before: list[str], after: list[str]) -> Iterator[str]:
    """Each place where two texts differ: "… are 63 % of → 64 %"."""
    match = difflib.SequenceMatcher(a=before, b=after, autojunk=False)
    for kind, a, b, c, d in match.get_opcodes():
        if kind != "equal":
            yield f"{' '.join(before[max(0, a - 6) : b])} → {' '.join(after[c:d])}"


def raster(svg: Path) -> Grid:
    """The grey values of a drawing: (height, width) in pixels of a point."""
    style = f"@page {{margin: 0; size: {_size(svg)}}} body {{margin: 0}} img {{display: block}}"
    page = f"<style>{style}</style><img src={svg.name}>"
    pdf = svg.with_suffix(".pdf")
    weasyprint.HTML(string=page, base_url=str(svg.parent) + "/").write_pdf(pdf)
    command = [
        "pdftoppm",
        "-r",
        str(DPI),
        "-gray",
        "-singlefile",
        str(pdf),
        str(pdf.with_suffix("")),
    ]
    subprocess.run(command, check=True)
    return np.asarray(Image.open(pdf.with_suffix(".pgm")), dtype=np.uint8)


def _size(svg: Path) -> str:
    found = re.search(r'width="([\d.]+pt)" height="([\d.]+pt)"', svg.read_text("utf-8"))
    assert found is not None
    return f"{found[1]} {found[2]}"


def _neighbours(grid: Grid) -> tuple[Grid, Grid]:
    """The darkest and the lightest of each pixel and those around it."""
    edge = np.pad(grid, 1, mode="edge")
    height, width = grid.shape
    around = [edge[y : y + height, x : x + width] for y in range(3) for x in range(3)]
    return np.minimum.reduce(around), np.maximum.reduce(around)


def drawing_moved(before: bytes, after: bytes, scratch: Path) -> int:
    """How many pixels of one drawing have nothing alike at or beside them in the other."""
    if before == after:
        return 0
    grids = []
    for name, content in (("before", before), ("after", after)):
        path = scratch / f"{name}.svg"
        path.write_bytes(content)
        grids.append(raster(path))
    one, other = grids
    if one.shape != other.shape:
        return one.size
    moved = np.zeros(one.shape, dtype=bool)
    for grid, against in ((one, other), (other, one)):
        dark, light = _neighbours(against)
        far = np.maximum(dark.astype(int) - grid, grid.astype(int) - light)
        moved |= far > INK
    return int(moved.sum())


def moved_in(
    root: Path, study: Study, week: Week, report: Report, after: Mapping[str, bytes], scratch: Path
) -> Iterator[str]:
    """A sentence for each printed word and each drawing of `report` that moved."""
    before = committed(report.id)
    texts = printed(root, study, week, report, before["results.json"])
    for path, words in printed(root, study, week, report, after["results.json"]).items():
        for sentence in words_moved(texts[path], words):
            yield f"{path}: {sentence}"
    drawings = {name for name in before.keys() | after.keys() if name.endswith(".svg")}
    for name in sorted(drawings):
        if name not in before or name not in after:
            yield f"{name}: is in one world alone"
        elif pixels := drawing_moved(before[name], after[name], scratch):
            yield f"{name}: {pixels} pixels of a point moved"


def main(arguments: list[str]) -> int:
    """0 if nothing that is printed or drawn moves, 1 if something does."""
    parser = argparse.ArgumentParser(description="Name what last bits move.")
    parser.add_argument("reports", nargs="*", metavar="REPORT")
    parser.add_argument("--keep", type=Path, help="a folder for what each world gave")
    options = parser.parse_args(arguments)
    study = load_study(ROOT)
    moved = 0
    with tempfile.TemporaryDirectory() as temporary:
        clone = Path(temporary) / "study"
        command = ["git", "clone", "--quiet", "--no-local", str(ROOT), str(clone)]
        subprocess.run(command, check=True)
        for week, report in chosen(study, options.reports):
            if not report.script:
                continue
            for name, world in WORLDS.items():
                after = run_in(world, clone, report.id, study.seed)
                if options.keep:
                    _keep(options.keep / name / report.id, after)
                found = list(moved_in(clone, study, week, report, after, Path(temporary)))
                known = report.id in TRAINED
                moved += 0 if known else len(found)
                print(f"{report.id}, {name}: {len(found)} moved{' (known)' * known}", flush=True)
                for sentence in found:
                    print(f"  {sentence}", flush=True)
    return 1 if moved else 0


def _keep(folder: Path, files: Mapping[str, bytes]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
