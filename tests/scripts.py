"""A report's compute.py as a module, for tests of its functions."""

import importlib.util
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parent.parent


def script(report: str) -> ModuleType:
    """The script of `report`, imported under a name of its own; compute() is not called."""
    path = ROOT / "reports" / report / "compute.py"
    spec = importlib.util.spec_from_file_location(report.replace("-", "_"), path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
