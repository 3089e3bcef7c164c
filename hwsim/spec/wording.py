"""All that pydantic found wrong, as one InputError at the first place in the file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pydantic import BaseModel, ValidationError

from hwsim.spec.document import Document
from hwsim.spec.errors import InputError, nearest
from hwsim.spec.faults import Fault, fault_of
from hwsim.spec.nodes import Path
from hwsim.spec.schema import plain_schema

_MOST_PLACES = 5


def first_error(
    model_type: type[BaseModel], error: ValidationError, document: Document, path: Path
) -> InputError:
    """The first of the errors in the order of the file; its message tells where the others are."""
    schema = plain_schema(model_type)
    by_path: dict[Path, Fault] = {}
    for each in error.errors(include_url=False):
        fault = fault_of(each, schema, document, path)
        by_path.setdefault(fault.path, fault)  # the branches of a union speak of one value: the first will do
    faults = sorted(_without_typo_twins(by_path.values()), key=lambda fault: _order(fault, document))
    first, others = faults[0], faults[1:]
    return InputError(first.message + _elsewhere(others, document), first.position, first.hint)


def _without_typo_twins(faults: Iterable[Fault]) -> list[Fault]:
    """The faults less each missing key that an unknown key beside it was meant to be."""
    left = list(faults)
    for unknown in [fault for fault in left if fault.unknown]:
        twins = {str(f.path[-1]): f for f in left if f.missing and f.path[:-1] == unknown.path[:-1]}
        meant = nearest(str(unknown.path[-1]), twins)
        if meant:
            left.remove(twins[meant])
    return left


def _order(fault: Fault, document: Document) -> tuple[bool, int, int]:
    """What was typed on the command line first, then the file from top to bottom."""
    position = fault.position
    return position.file == document.file, position.line, position.column


def _elsewhere(others: Sequence[Fault], document: Document) -> str:
    if not others:
        return ""
    places = [_place(fault, document) for fault in others[:_MOST_PLACES]]
    dots = ", ..." if len(others) > _MOST_PLACES else ""
    return f" (and {len(others)} more: {', '.join(places)}{dots})"


def _place(fault: Fault, document: Document) -> str:
    position = fault.position
    return f"line {position.line}" if position.file == document.file else str(position)
