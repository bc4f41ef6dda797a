"""A site that follows a watch: pages first, then what takes longer."""

from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from generator.build.serve import Server
from generator.build.site.run import build_site
from generator.errors import StudyError
from generator.model import Study


@dataclass(slots=True)
class Live:
    """The site of the study at `root` in `out`, and the server that shows it."""

    root: Path
    out: Path
    server: Server
    _memo: dict[Any, str] = field(default_factory=dict)

    def preview(self, study: Study) -> None:
        """Show the texts as they are now, before their PDFs are set.

        What is wrong, or waits for a computation, is told or made by the build that follows.
        """
        with suppress(StudyError, ExceptionGroup):
            self._build(study, preview=True)

    def bring(self, study: Study) -> None:
        """Bring the whole site up to date. Raises its problems."""
        self._build(study, preview=False)
        self.server.tell([])

    def _build(self, study: Study, *, preview: bool) -> None:
        if build_site(self.root, study, self.out, preview=preview, memo=self._memo):
            self.server.change()
