"""What makes two runs of a script equal: environment, seeds, one thread."""

import os
import random
import re
import site
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from generator.compute.child import products
from generator.compute.figures import style
from generator.machine.processor import PORTABLE, machine
from generator.plan.labels import installed_version

# As many threads as there are cores would give sums in another order on another machine.
_THREADS = (
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "RAYON_NUM_THREADS",
)

# Wider vectors, or those of one maker, change the last bits of even torch.randn and numpy.exp:
# every x86-64 takes the same ones. torch's MKL has the same AVX2 code for Intel and for AMD only
# on paper: there MKL_CBWR=AVX2 falls back to other code, and its double-precision square root
# uses an approximation that each maker defines. COMPATIBLE is the one branch that is the same
# everywhere; `products` takes over what it is slow at.
_PORTABLE = {
    "ATEN_CPU_CAPABILITY": "avx2",
    "ONEDNN_MAX_CPU_ISA": "AVX2",
    "OPENBLAS_CORETYPE": "Haswell",
    "MKL_CBWR": "COMPATIBLE",
}


# By these the user chooses among several GPUs.
_CHOICE = ("CUDA_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES")
_HIDDEN = "CUDA_VISIBLE_DEVICES"  # empty: no GPU is seen


def environment(scratch: Path, plots: Path, *, accelerator: bool = False) -> dict[str, str]:
    """The whole environment of a child: nothing of the user's but the search path.

    scratch: its home and temporary folder. plots: where matplotlib keeps what it
    knows of fonts. accelerator: it may see the machine's GPUs, those that the user lets it see.
    """
    settings = dict.fromkeys(_THREADS, "1") | {
        "PATH": os.defpath,
        "HOME": str(scratch),
        "TMPDIR": str(scratch),
        "XDG_CACHE_HOME": str(scratch / ".cache"),
        "MPLCONFIGDIR": str(plots),
        "MPLBACKEND": "svg",
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "PYTHONHASHSEED": "0",
        "PYTHONUTF8": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUNBUFFERED": "1",
        "TOKENIZERS_PARALLELISM": "false",
        "KMP_DUPLICATE_LIB_OK": "TRUE",
        "CUBLAS_WORKSPACE_CONFIG": ":4096:8",
        _HIDDEN: "",
    }
    if accelerator:
        del settings[_HIDDEN]
        settings |= {name: os.environ[name] for name in _CHOICE if os.environ.get(name)}
    if site.ENABLE_USER_SITE:
        # Packages that pip put into the user's home, which is another one now.
        settings["PYTHONUSERBASE"] = site.getuserbase()
    if machine() == PORTABLE:
        settings |= _PORTABLE
        version = installed_version("numpy") or ""
        settings["NPY_ENABLE_CPU_FEATURES"] = _numpy_features(version)
    return settings


def _numpy_features(version: str) -> str:
    """What numpy may use: all up to AVX2, in the words of its `version`.

    Named one by one, so that what a later numpy learns is not used before it is known here.
    """
    if [int(part) for part in re.findall(r"\d+", version)[:2]] >= [2, 4]:
        return "X86_V3"
    return "SSSE3 SSE41 POPCNT SSE42 AVX F16C FMA3 AVX2"


class Seeds:
    """Seeds each library once, as soon as it has been imported; call it after every import.

    Importing torch only to seed it would cost every script 2 s. plots: where matplotlib's fonts
    are kept. aside: what the compiler itself reads and writes there is not the script's.
    """

    def __init__(self, seed: int, plots: Path, aside: Callable[[], AbstractContextManager[None]]):
        self.seed = seed
        self._plots = plots
        self._aside = aside
        self._settled: set[str] = set()
        random.seed(seed)

    def __call__(self) -> None:
        for name, settle in (
            ("numpy", self._numpy),
            ("torch", self._torch),
            ("matplotlib", self._matplotlib),
        ):
            if name not in self._settled and name in sys.modules:
                self._settled.add(name)
                settle()

    @contextmanager
    def own(self) -> Iterator[None]:
        """Inside, the generators start from the seed; after it they are as they were before."""
        before = {name: state() for name, (state, _) in _generators().items()}
        self._restart()
        try:
            yield
        finally:
            # A library that was imported inside starts from the seed, as it would later.
            self._restart()
            for name, (_, restore) in _generators().items():
                if name in before:
                    restore(before[name])

    def _restart(self) -> None:
        random.seed(self.seed)
        if "numpy" in self._settled:
            sys.modules["numpy"].random.seed(self.seed % 2**32)
        if "torch" in self._settled:
            sys.modules["torch"].manual_seed(self.seed)

    def _numpy(self) -> None:
        import numpy

        numpy.random.seed(self.seed % 2**32)
        original = numpy.random.default_rng

        def default_rng(seed: Any = None) -> Any:
            """numpy's own, but without a seed it takes the study's, not the time of day."""
            return original(self.seed if seed is None else seed)

        numpy.random.default_rng = default_rng

    def _torch(self) -> None:
        import torch

        torch.manual_seed(self.seed)
        torch.set_num_threads(1)
        torch.set_num_interop_threads(1)
        # torch.use_deterministic_algorithms(True) does the same, but first imports the compiler
        # (1.6 s of torch._inductor) to tell it too.
        torch._C._set_deterministic_algorithms(True, warn_only=False)
        if machine() == PORTABLE:
            products.settle()

    def _matplotlib(self) -> None:
        with self._aside():
            style.settle(self._plots)


def _generators() -> dict[str, tuple[Callable[[], Any], Callable[[Any], Any]]]:
    """How to take and to restore the state of each global generator that is loaded."""
    found: dict[str, tuple[Callable[[], Any], Callable[[Any], Any]]] = {
        "random": (random.getstate, random.setstate)
    }
    if numpy := sys.modules.get("numpy"):
        found["numpy"] = (numpy.random.get_state, numpy.random.set_state)
    if torch := sys.modules.get("torch"):
        found["torch"] = (torch.get_rng_state, torch.set_rng_state)
    return found
