"""Why something is stale and what a build would do, in sentences."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from generator.model import Study
from generator.plan.committed import unset_without_script
from generator.plan.labels import Inputs
from generator.plan.staleness import Staleness, in_order, plan
from generator.store.times import last_times


def reasons(root: Path, study: Study, wanted: Iterable[str]) -> Iterator[str]:
    """Lines that say of each report what is stale and because of what, or that nothing is."""
    for stale in _plan(root, study, wanted):
        if not stale:
            yield f"{stale.report.id}: up to date: {stale.inputs} inputs unchanged"
            continue
        if stale.compute:
            yield f"{stale.report.id}: the computation is out of date:"
            yield from (f"  {reason}" for reason in stale.compute)
        for language, because in stale.pdfs:
            yield f"{stale.report.id}: the PDF ({language}) is out of date:"
            yield from (f"  {reason}" for reason in because)


def would_run(
    root: Path, study: Study, wanted: Iterable[str], *, force: bool, scripts: bool = True
) -> Iterator[str]:
    """Lines that say what a build would run, in order, with the time each took last.

    scripts: whether scripts may run; what needs one and may not have it is named.
    """
    times = last_times(root)

    def took(key: str) -> str:
        return f"  (last {times[key]:.1f} s)" if key in times else ""

    todo = in_order(filter(None, _plan(root, study, wanted, force, scripts)), times)
    if not todo:
        yield "nothing to do"
    if not scripts:
        refused = [(stale, unset_without_script(root, stale)) for stale in todo]
        todo = [stale for stale, problem in refused if problem is None]
        yield from (f"cannot set {s.report.id}: {problem}" for s, problem in refused if problem)
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


def _plan(
    root: Path, study: Study, wanted: Iterable[str], force: bool = False, scripts: bool = True
) -> list[Staleness]:
    inputs = Inputs.load(root, study)
    found = plan(inputs, wanted, force=force, scripts=scripts)
    inputs.save()
    return found
