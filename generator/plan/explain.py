"""Why something is stale and what a build would do, in sentences."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from generator.model import Study
from generator.plan.labels import Inputs
from generator.plan.staleness import Staleness, in_order, plan
from generator.store.times import last_times


def reasons(root: Path, study: Study, wanted: Iterable[str]) -> Iterator[str]:
    """Lines that say of each report what is stale and because of what, or that nothing is."""
    for stale in _plan(root, study, wanted, force=False):
        if not stale:
            yield f"{stale.report.id}: up to date: {stale.inputs} inputs unchanged"
            continue
        if stale.compute:
            yield f"{stale.report.id}: the computation is out of date:"
            yield from (f"  {reason}" for reason in stale.compute)
        for language, because in stale.pdfs:
            yield f"{stale.report.id}: the PDF ({language}) is out of date:"
            yield from (f"  {reason}" for reason in because)


def would_run(root: Path, study: Study, wanted: Iterable[str], *, force: bool) -> Iterator[str]:
    """Lines that say what a build would run, in order, with the time each took last."""
    times = last_times(root)

    def took(key: str) -> str:
        return f"  (last {times[key]:.1f} s)" if key in times else ""

    todo = in_order(filter(None, _plan(root, study, wanted, force=force)), times)
    if not todo:
        yield "nothing to do"
    for stale in todo:
        if stale.compute:
            yield f"compute {stale.report.id}{took(f'compute {stale.report.id}')}"
    for stale in todo:
        certain = [language for language, _ in stale.pdfs]
        for language in stale.report.languages():
            name = f"typeset {stale.report.id} {language}"
            if language in certain:
                yield name + took(name)
            elif stale.compute:
                yield f"{name}, if the results change{took(name)}"


def _plan(root: Path, study: Study, wanted: Iterable[str], *, force: bool) -> list[Staleness]:
    inputs = Inputs.load(root, study)
    found = plan(inputs, wanted, force=force)
    inputs.save()
    return found
