import os
import subprocess
import sys
from pathlib import Path

import pytest

from generator.errors import StudyError
from generator.store.lock import build_lock

HOLD = """
import sys, time
from pathlib import Path
from generator.store.lock import build_lock
with build_lock(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_second_build_is_refused_and_told_who_holds_the_lock(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as holder:
        try:
            assert holder.stdout is not None
            assert holder.stdout.readline() == "held\n"
            with pytest.raises(StudyError, match=f"process {holder.pid}"), build_lock(tmp_path):
                pass
        finally:
            holder.kill()
    # kill -9 gives the lock back.
    with build_lock(tmp_path):
        pass


def test_a_folder_that_cannot_be_written_to_is_named(tmp_path: Path) -> None:
    (tmp_path / ".study").write_text("a file where the folder should be")
    with pytest.raises(StudyError, match="cannot write"), build_lock(tmp_path):
        pass


def test_the_lock_is_free_after_a_build(tmp_path: Path) -> None:
    for _ in range(2):
        with build_lock(tmp_path):
            assert f"process {os.getpid()}" in (tmp_path / ".study" / "lock").read_text()
