"""What scripts give, and the record of how the committed outputs came about."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from generator.model.study import Parameter


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number that the text may quote: `value` ± `error` (one sigma), both in `unit`.

    digits: decimals to show when the text does not say; None shows an integer whole and any
    other number with the shortest text that has at most six significant digits.
    runs: how many runs of an experiment stand behind it; None where the script does not say.
    """

    value: float | int
    digits: int | None = None
    unit: str = ""
    error: float | None = None
    runs: int | None = None


Cell = Quantity | str


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells, each as long as `columns`. languages: the table in words for one language.

    runs: how many runs of an experiment stand behind each number; None where it is not said.
    total: whether the last row sums up the others.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    languages: tuple[tuple[str, "Table"], ...] = ()
    runs: int | None = None
    total: bool = False


@dataclass(frozen=True, slots=True)
class Figure:
    """A drawing of the script. files: pairs of (language or "*", file name in figures/ID/)."""

    files: tuple[tuple[str, str], ...]
    width_mm: float
    height_mm: float

    def file(self, language: str) -> str:
        """The file name for `language`, else the one for any language."""
        known = dict(self.files)
        return known.get(language) or known.get("*") or self.files[0][1]


@dataclass(frozen=True, slots=True)
class Results:
    """All that a report may quote from its script."""

    values: Mapping[str, Quantity] = field(default_factory=dict)
    strings: Mapping[str, str] = field(default_factory=dict)
    tables: Mapping[str, Table] = field(default_factory=dict)
    figures: Mapping[str, Figure] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Job:
    """One script to run. All that a worker needs besides the repository itself."""

    report: str
    script: str
    seed: int
    timeout_s: float
    parameters: tuple[tuple[str, Parameter], ...] = ()
    accelerator: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What running a script gave.

    files: file name in figures/ID/ → bytes of each drawing. inputs: label → digest or version
    of everything the run depended on (labels as in `plan.py`). log: what it printed.
    memos: a sentence for each function that it called by `run.memo`.
    accelerator: the name of the GPU that it used; "" if none.
    warnings: what its author should know, though it is no mistake.
    """

    report: str
    results: Results
    files: Mapping[str, bytes]
    inputs: Mapping[str, str]
    log: str = ""
    seconds: float = 0.0
    memos: tuple[str, ...] = ()
    accelerator: str = ""
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PdfRecord:
    """What a committed PDF was made from and what it is. inputs: label → digest or version."""

    file: str
    sha256: str
    inputs: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Record:
    """figures/ID/record.json: how the committed outputs of a report came about.

    inputs: of the computation; outputs: file name in figures/ID/ → SHA-256;
    pdfs: language → PdfRecord. A report without a script has no inputs and no outputs.
    machine: where the outputs were made, as `machine.processor` names it; "" if not known.
    """

    inputs: Mapping[str, str] = field(default_factory=dict)
    outputs: Mapping[str, str] = field(default_factory=dict)
    pdfs: Mapping[str, PdfRecord] = field(default_factory=dict)
    machine: str = ""
