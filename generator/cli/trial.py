"""`study build -P`: a trial with other parameters, opened in place of the study."""

from collections.abc import Iterable
from pathlib import Path

from generator.model import Study


def opened_trial(root: Path, study: Study, given: Iterable[str]) -> tuple[Path, Study, str]:
    """The trial's root, its study, and what stands before the paths of its products.

    given: settings, "temperature=0.5". Raises StudyError, or several in a group, for those that
    no parameter of the study can have.
    """
    from generator.build.trial import prepare_trial
    from generator.study.load import load_study
    from generator.study.parameters import with_parameters

    _, values = with_parameters(study, given)
    folder = prepare_trial(root, study, values)
    inside, _ = with_parameters(load_study(folder), given)
    return folder, inside, f"{folder.relative_to(root).as_posix()}/"
