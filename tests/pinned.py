"""Where the pinned model files of models.toml lie in this environment, for tests."""

import tomllib
from importlib.metadata import distribution
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def model_path(name: str) -> Path:
    """The installed file that models.toml calls `name`."""
    entry = tomllib.loads((ROOT / "models.toml").read_text(encoding="utf-8"))[name]
    return Path(str(distribution(entry["distribution"]).locate_file(entry["member"])))
