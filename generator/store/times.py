"""How long each job took last on this machine: for estimates only, never for freshness."""

import json
from pathlib import Path

from generator.digest import read_json
from generator.store.cache import write_whole


def last_times(root: Path) -> dict[str, float]:
    """ "compute week-07" or "typeset week-07 en" → seconds; empty if nothing is known."""
    try:
        data = read_json((root / ".study" / "times.json").read_bytes())
        return {str(key): float(value) for key, value in data.items()}
    except (OSError, ValueError, AttributeError, TypeError):
        return {}


def keep_times(root: Path, times: dict[str, float]) -> None:
    """Add `times` to what is known; a folder that cannot be written to only loses the estimate."""
    if not times:
        return
    known = last_times(root) | {key: round(value, 2) for key, value in times.items()}
    try:
        content = json.dumps(known, indent=1, sort_keys=True).encode()
        path = root / ".study" / "times.json"
        path.parent.mkdir(exist_ok=True)
        write_whole(path, content, durable=False)
    except OSError:
        return
