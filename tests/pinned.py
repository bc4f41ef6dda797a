"""Where the pinned model files of models.toml lie in this environment, for tests."""

from pathlib import Path

from generator.machine.models import model_file

ROOT = Path(__file__).resolve().parent.parent


def model_path(name: str) -> Path:
    """The installed file that models.toml calls `name`, its SHA-256 verified."""
    return model_file(ROOT, name)[0]
