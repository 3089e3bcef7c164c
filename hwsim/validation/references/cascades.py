"""Pass counts of Einsum cascades: 18 cascades with the counts expected of any analyser.

Source: hwsim's own reference data, derived independently by path search and by element-level expansion.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from hwsim.einsum.passes import Analysis, analyse
from hwsim.einsum.read import cascade_in
from hwsim.spec.document import Document, load_document
from hwsim.spec.errors import InputError
from hwsim.validation.comparison import Comparison, Row, Value

NAME = "cascades"
SHIPPED = Path(__file__).parent.parent / "data" / "cascades"
METRICS = ("direct", "lineage", "asap", "footprint")


def compare(data: Path | None = None) -> Comparison:
    """Every pass count of every cascade in ``data``: a file or a folder of YAML files, else those shipped.

    Rows ``{case: file stem, metric: "cascade.RANK"}`` and ``"TENSOR.RANK.direct"`` and so on, in the order of
    the file's ``expect``; a part of ``expect`` that is absent is reported in full, without reference.

    Raises:
        InputError: no such files, or a cascade that cannot be read.
    """
    return Comparison(NAME, tuple(row for file in _files(data or SHIPPED) for row in _rows(file)))


def _files(data: Path) -> list[Path]:
    if not data.is_dir():
        return [data]
    files = sorted(file for file in data.iterdir() if file.suffix in (".yaml", ".yml"))
    if not files:
        raise InputError(f"there is no cascade (*.yaml) in {str(data)!r}")
    return files


def _rows(file: Path) -> Iterator[Row]:
    document = load_document(file)
    analysis = analyse(cascade_in(document))
    expected = document.data.get("expect") or {}
    if not isinstance(expected, dict):
        raise InputError(
            "expect must be a mapping of 'cascade' and 'tensors'", document.position(("expect",))
        )
    sections = {"cascade": _cascade_rows, "tensors": _tensor_rows}
    for section in (*expected, *(name for name in sections if name not in expected)):
        if section not in sections:
            hint = "expect holds 'cascade' and 'tensors'"
            raise InputError(f"unknown key {section!r}", document.key_position(("expect", section)), hint)
        yield from sections[section](file.stem, analysis, document)


def _cascade_rows(case: str, analysis: Analysis, document: Document) -> Iterator[Row]:
    expected = _section(document, "cascade", dict) or dict.fromkeys(analysis.passes)
    for rank, reference in expected.items():
        yield Row(case, f"cascade.{rank}", _plain(reference), analysis.passes.get(rank))


def _tensor_rows(case: str, analysis: Analysis, document: Document) -> Iterator[Row]:
    expected = _section(document, "tensors", list) or [
        {"tensor": tensor, "rank": rank} for tensor, by_rank in analysis.tensors.items() for rank in by_rank
    ]
    for number, entry in enumerate(expected):
        if not isinstance(entry, dict) or not {"tensor", "rank"} <= entry.keys():
            place = document.position(("expect", "tensors", number))
            raise InputError("an entry of expect.tensors needs 'tensor' and 'rank'", place)
        yield from _entry_rows(case, analysis, entry)


def _entry_rows(case: str, analysis: Analysis, entry: Mapping[str, Any]) -> Iterator[Row]:
    tensor, rank = str(entry["tensor"]), str(entry["rank"])
    passes = analysis.tensors.get(tensor, {}).get(rank)
    ours = passes.as_json() if passes else {}
    for metric in METRICS:
        yield Row(case, f"{tensor}.{rank}.{metric}", _plain(entry.get(metric)), ours.get(metric))


def _section(document: Document, name: str, kind: type) -> Any:
    """``expect.NAME``, or None where it is absent or empty."""
    found = (document.data.get("expect") or {}).get(name)
    if found is not None and not isinstance(found, kind):
        what = "mapping of ranks to passes" if kind is dict else "list of tensors and ranks"
        raise InputError(f"expect.{name} must be a {what}", document.position(("expect", name)))
    return found or None


def _plain(value: Any) -> Value:
    """A reference value as a row can hold it."""
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)
