"""`make verify`: a fresh clone builds nothing; everything built from nothing is what is committed.

On Linux, every x86-64 processor with AVX2 gives the same bytes. Elsewhere numbers may differ in
the last bits: then results must agree to 1e-5, drawings to a thousandth of a point, and PDFs in
their text and their number of pages.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from generator.store.agree import drawings_agree, results_agree

ROOT = Path(__file__).parent.parent


def run(command: list[str], folder: Path) -> str:
    """What `command` prints on stdout; its stderr is shown. Raises if it fails."""
    environment = os.environ | {"PYTHONPATH": str(folder)}
    return subprocess.run(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True, check=True
    ).stdout


def study(folder: Path, *arguments: str) -> str:
    """What the compiler of the clone at `folder` prints."""
    call = "from generator.cli import main; main(prog_name='study')"
    return run([sys.executable, "-c", call, "-C", str(folder), *arguments], folder)


def pdf_text(content: bytes) -> str:
    """The text of a PDF with a form feed at the end of each page."""
    return subprocess.run(
        ["pdftotext", "-layout", "-", "-"], input=content, capture_output=True, check=True
    ).stdout.decode()


def _shown(content: bytes) -> str:
    """What a PDF says, but for the digest of its results, which tells last bits apart."""
    return re.sub(r"\b[0-9a-f]{12,64}\b", "#", pdf_text(content))


def agrees(path: str, committed: bytes, built: bytes) -> bool:
    """Whether a file that is not the same bytes still says the same."""
    if path.endswith("results.json"):
        return results_agree(committed, built)
    if path.endswith(".svg"):
        return drawings_agree(committed, built)
    if path.endswith(".pdf"):
        return _shown(committed) == _shown(built)
    return path.endswith("record.json")  # digests of the files above


def main() -> int:
    """Verify the last commit; 0 if it holds."""
    with tempfile.TemporaryDirectory() as temporary:
        clone = Path(temporary) / "clone"
        run(["git", "clone", "--quiet", "--no-local", str(ROOT), str(clone)], ROOT)
        built = study(clone, "build", "--verify")
        status = run(["git", "status", "--porcelain"], clone)
        if built or status:
            print(f"a fresh clone is not up to date:\n{built}{status}")
            return 1
        print("a fresh clone builds nothing", flush=True)

        shutil.rmtree(clone / "figures")
        shutil.rmtree(clone / ".study", ignore_errors=True)
        for path in (clone / "reports").rglob("*.pdf"):
            path.unlink()
        study(clone, "build")
        lines = run(["git", "status", "--porcelain"], clone).splitlines()
        if not lines:
            print("everything built from nothing: the same bytes")
            return 0
        wrong = 0
        for line in lines:
            name = line[3:].strip('"')
            shown = subprocess.run(
                ["git", "show", f"HEAD:{name}"], cwd=clone, capture_output=True, check=False
            )
            same = shown.returncode == 0 and (clone / name).is_file()
            same = same and agrees(name, shown.stdout, (clone / name).read_bytes())
            wrong += not same
            print(f"{'agrees' if same else 'DIFFERS'}: {name}")
        print(f"{len(lines)} files are not the same bytes, {wrong} say something else")
        return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
