"""The leaves of a site's reports: made from their texts, or kept where nothing changed."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from generator.build.pages import pdf_labels, undrawable
from generator.digest import digest_bytes
from generator.model import Report, Study, Week
from generator.plan.labels import Inputs
from generator.site.addresses import Addresses
from generator.site.leaf import Leaf, leaf, unpacked_leaf
from generator.store.cache import Cache, write_whole
from generator.store.record import load_results

_STATE = ".study/site.json"
_OURS = ("web", "site", "text", "maths", "drawing")


@dataclass(slots=True)
class Kept:
    """What earlier runs made: "week-07 ko" → labels with their digests, and the leaf's digest."""

    path: Path
    leaves: dict[str, tuple[dict[str, str], str]]

    @classmethod
    def load(cls, root: Path) -> "Kept":
        """What this machine's earlier runs kept; nothing where that can't be read."""
        path = root / _STATE
        try:
            known = json.loads(path.read_bytes())
            return cls(path, {name: (item[0], item[1]) for name, item in known.items()})
        except (OSError, ValueError, LookupError, TypeError, AttributeError):
            return cls(path, {})

    def save(self) -> None:
        """Keep it for the next run; a folder that can't be written to only costs time."""
        try:
            self.path.parent.mkdir(exist_ok=True)
            content = json.dumps(self.leaves, separators=(",", ":")).encode()
            if not self.path.is_file() or self.path.read_bytes() != content:
                write_whole(self.path, content, durable=False)
        except OSError:
            return


def leaf_of(
    inputs: Inputs,
    study: Study,
    week: Week,
    report: Report,
    language: str,
    addresses: Addresses,
    kept: Kept,
    store: Cache,
) -> Leaf:
    """The leaf of a text, the kept one where nothing that it was made from is another now.

    Raises StudyError, or a group of them, for what the author can mend.
    """
    name = f"{report.id} {language}"
    pages = {other: addresses.report(other, language) for other in addresses.reports}
    made_of, digest = kept.leaves.get(name, ({}, ""))
    making = digest_bytes(json.dumps([_sources(), sorted(pages.items())]).encode())
    if made_of.get("site") == making and all(
        inputs.present(label, report.id) == before
        for label, before in made_of.items()
        if label != "site"
    ):
        content = store.get("leaf", digest)
        if content is not None:
            return unpacked_leaf(content)
    from generator.text.report import render_report

    results = load_results(inputs.root, report.id)
    document = render_report(
        inputs.root, study, week, report, language, results, store=store, undrawable=undrawable
    )
    content = leaf(inputs.root, report, document, pages, store).packed()
    digest = digest_bytes(content)
    store.put("leaf", digest, content)
    labels = pdf_labels(report, document.inputs, document.images, {}, ())
    seen = {
        label: now
        for label in labels
        if not label.startswith("template:") and (now := inputs.present(label, report.id))
    }
    kept.leaves[name] = (seen | {"site": making}, digest)
    return unpacked_leaf(content)  # as every later run will see it


def kept_file(store: Cache, made_of: Mapping[str, str], make: Callable[[], bytes]) -> bytes:
    """What `make` gives, or what it gave when everything in `made_of` was the same."""
    key = digest_bytes(json.dumps([_sources(), sorted(made_of.items())]).encode())
    content = store.get("sitefile", key)
    if content is None:
        content = make()
        store.put("sitefile", key, content)
    return content


@cache
def _sources() -> str:
    """A digest of the modules that make leaves: what they make is not what others made."""
    folder = Path(__file__).parents[2]
    found = sorted(path for room in _OURS for path in (folder / room).rglob("*.py"))
    return digest_bytes(b"\0".join(path.read_bytes() for path in found))
