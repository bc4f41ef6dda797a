"""What can be set when no script may run: the reports whose committed results are still theirs."""

from pathlib import Path

from generator.errors import StudyError, Where
from generator.plan.staleness import Staleness
from generator.store.record import load_record

NO_SCRIPTS = "--no-scripts"
_TRUST = f"if you trust the script, build without {NO_SCRIPTS}"


def unset_without_script(root: Path, stale: Staleness) -> StudyError | None:
    """Why the pages of `stale` cannot be set unless its script runs; None if they can."""
    if not stale.compute:
        return None
    report, script = stale.report, stale.report.script
    assert script is not None
    if not stale.record.inputs:
        try:
            load_record(root, report.id)
        except StudyError as error:  # what is wrong with the record, which names its file
            return StudyError(f"{error.message}; {NO_SCRIPTS} runs no script", error.where, _TRUST)
        return StudyError(
            f"has no committed results in figures/{report.id}, and {NO_SCRIPTS} runs no script",
            Where(script),
            f"ask for the results that belong to it; {_TRUST}",
        )
    return StudyError(
        f"the committed results are out of date ({'; '.join(stale.compute)}), "
        f"and {NO_SCRIPTS} runs no script",
        Where(script),
        f"ask for the results that belong to it; {_TRUST}",
    )


def set_from(stale: Staleness) -> str:
    """What the pages of `stale` are set from, for a person."""
    drawings = sum(name.endswith(".svg") for name in stale.record.outputs)
    if not stale.report.script:
        return f"{stale.report.id}: set from its text alone; it has no script"
    what = f"figures/{stale.report.id}: results.json"
    if drawings:
        what += f", {drawings} drawing{'s' * (drawings > 1)}"
    return f"{stale.report.id}: set from the committed {what}; {stale.report.script} is not run"
