"""results.json and record.json of a report: values of the model to canonical JSON and back."""

import math
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

from generator.digest import canonical_json, digest_source, read_json
from generator.errors import StudyError, Where
from generator.model import Cell, Figure, PdfRecord, Quantity, Record, Results, Table
from generator.store.files import check_inside, read_study_file

_LONGEST_UNIT = 1000  # characters
_MOST_DIGITS = 15  # a double has no more decimals to show
CONTRACT = 1  # raise when results.json or what a script may call changes its meaning
RENDERER = 14


def results_json(results: Results) -> bytes:
    """`results` as the bytes of results.json."""
    return canonical_json(
        {
            "contract": CONTRACT,
            "values": {name: _quantity(value) for name, value in results.values.items()},
            "strings": dict(results.strings),
            "tables": {name: _table(table) for name, table in results.tables.items()},
            "figures": {
                name: {
                    "files": dict(figure.files),
                    "width_mm": figure.width_mm,
                    "height_mm": figure.height_mm,
                }
                for name, figure in results.figures.items()
            },
        }
    )


def results_from_json(content: bytes, path: str) -> Results:
    """The results in results.json at `path`. Raises StudyError where it is damaged."""
    try:
        data = read_json(content)
        return Results(
            values={name: _read_quantity(item) for name, item in data["values"].items()},
            strings={str(name): str(text) for name, text in data["strings"].items()},
            tables={name: _read_table(item) for name, item in data["tables"].items()},
            figures={
                name: Figure(
                    files=tuple(
                        sorted((n, _inside(file)) for n, file in _texts(item["files"]).items())
                    ),
                    width_mm=_number(item["width_mm"]),
                    height_mm=_number(item["height_mm"]),
                )
                for name, item in data["figures"].items()
            },
        )
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
        raise _damaged(path) from error


# What a record says of itself, as its last key: the digest of all that stands before.
_SEAL = re.compile(rb',\r?\n  "sha256": "([0-9a-f]{64})"\r?\n}\r?\n')
_KEYS = frozenset(("contract", "inputs", "machine", "outputs", "pdfs"))


def record_json(record: Record) -> bytes:
    """`record` as the bytes of record.json, sealed with a digest of itself."""
    body = canonical_json(
        {
            "contract": CONTRACT,
            "machine": record.machine,
            "inputs": dict(record.inputs),
            "outputs": dict(record.outputs),
            "pdfs": {
                language: {"file": pdf.file, "sha256": pdf.sha256, "inputs": dict(pdf.inputs)}
                for language, pdf in record.pdfs.items()
            },
        }
    )[: -len("\n}\n")]
    return body + f',\n  "sha256": "{digest_source(body)}"\n}}\n'.encode()


def computation_json(record: Record) -> bytes:
    """What `record` says of the script alone, as the record inside of a PDF."""
    return record_json(replace(record, pdfs={}))


def record_from_json(content: bytes, path: str) -> Record:
    """The record in record.json at `path`. Raises StudyError where it is damaged."""
    try:
        data = read_json(content)
        _check_seal(content, data)
        return Record(
            inputs={_inside(label): digest for label, digest in _texts(data["inputs"]).items()},
            outputs={_inside(name): digest for name, digest in _texts(data["outputs"]).items()},
            pdfs={
                language: PdfRecord(
                    _inside(item["file"]), str(item["sha256"]), _texts(item["inputs"])
                )
                for language, item in data["pdfs"].items()
            },
            machine=str(data.get("machine", "")),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _damaged(path) from error


def _check_seal(content: bytes, data: dict[str, Any]) -> None:
    """Raise ValueError where a record is not what was written.

    Those of earlier versions have no seal, and no other keys than it had.
    """
    tail = content[-200:]
    seal = _SEAL.search(tail)
    if seal is None:
        if data.keys() - _KEYS:
            raise ValueError("no seal")
        return
    body = content[: len(content) - len(tail) + seal.start()]
    if seal.end() != len(tail) or digest_source(body) != seal[1].decode():
        raise ValueError("not what was sealed")


def _texts(data: Any) -> dict[str, str]:
    if not all(isinstance(value, str) for value in data.values()):
        raise TypeError
    return dict(data)


def _inside(path: str) -> str:
    """`path`. Raises ValueError if it leads elsewhere, as what is obsolete is deleted by it, or
    if no file can have such a name."""
    parts = path.split("/")
    if path.startswith("/") or ".." in parts or "\0" in path:
        raise ValueError(path)
    if any(len(part.encode("utf-8", "surrogatepass")) > 255 for part in parts):
        raise ValueError("a name of more than 255 bytes")
    return path


def load_results(root: Path, report: str) -> Results:
    """The committed results of `report`; empty results if it has none."""
    content = _content(root, f"figures/{report}/results.json")
    if content is None:
        return Results()
    return results_from_json(content, f"figures/{report}/results.json")


def load_record(root: Path, report: str) -> Record:
    """The committed record of `report`; an empty record if there is none."""
    content = _content(root, f"figures/{report}/record.json")
    if content is None:
        return Record()
    return record_from_json(content, f"figures/{report}/record.json")


def _content(root: Path, label: str) -> bytes | None:
    """The content of a committed file; None if it is not there."""
    try:
        return read_study_file(root, label)
    except FileNotFoundError:
        return None
    except StudyError as error:  # a folder in its place, or not ours to read
        check_inside(root, label)
        raise _damaged(label) from error


def _damaged(path: str) -> StudyError:
    return StudyError(
        "is damaged: cut short, edited by hand, or in a merge conflict",
        Where(path),
        "delete it and run `study build`, which makes it again",
    )


def _quantity(quantity: Quantity) -> dict[str, Any]:
    data: dict[str, Any] = {"value": quantity.value}
    if quantity.digits is not None:
        data["digits"] = quantity.digits
    if quantity.unit:
        data["unit"] = quantity.unit
    if quantity.error is not None:
        data["error"] = quantity.error
    if quantity.runs is not None:
        data["runs"] = quantity.runs
    return data


def _read_quantity(data: dict[str, Any]) -> Quantity:
    error = data.get("error")
    return Quantity(
        _number(data["value"]),
        _count(data.get("digits"), _MOST_DIGITS),
        _text(data.get("unit", ""), _LONGEST_UNIT),
        None if error is None else _number(error),
        _count(data.get("runs")),
    )


def _number(value: Any) -> float | int:
    """`value`, a finite number. Raises TypeError, ValueError or OverflowError."""
    if type(value) not in (int, float):
        raise TypeError
    if not math.isfinite(value):
        raise ValueError
    return value  # type: ignore[no-any-return]


def _count(value: Any, most: int = 10**9) -> int | None:
    """`value`, None or a whole number as digits and runs are. Raises TypeError, ValueError."""
    if value is None:
        return None
    if type(value) is not int:
        raise TypeError
    if not 0 <= value <= most:
        raise ValueError
    return value


def _text(value: Any, longest: int = 1_000_000) -> str:
    if not isinstance(value, str):
        raise TypeError
    if len(value) > longest:
        raise ValueError
    return value


def _table(table: Table) -> dict[str, Any]:
    data: dict[str, Any] = {
        "columns": list(table.columns),
        "rows": [[_cell(cell) for cell in row] for row in table.rows],
    }
    if table.runs is not None:
        data["runs"] = table.runs
    if table.total:
        data["total"] = True
    if table.languages:
        data["languages"] = {language: _table(other) for language, other in table.languages}
    return data


def _read_table(data: dict[str, Any]) -> Table:
    return Table(
        tuple(_text(column) for column in data["columns"]),
        tuple(tuple(_read_cell(cell) for cell in row) for row in data["rows"]),
        tuple((name, _read_table(item)) for name, item in data.get("languages", {}).items()),
        _count(data.get("runs")),
        bool(data.get("total")),
    )


def _cell(cell: Cell) -> Any:
    return cell if isinstance(cell, str) else _quantity(cell)


def _read_cell(data: Any) -> Cell:
    return data if isinstance(data, str) else _read_quantity(data)
