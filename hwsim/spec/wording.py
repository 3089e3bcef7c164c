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
_MOST_ERRORS = 200


def first_error(
    model_type: type[BaseModel], error: ValidationError, document: Document, path: Path
) -> InputError:
    """The first of the errors in the order of the file; its message tells where the others are."""
    told = error.errors(include_url=False)[:_MOST_ERRORS]
    schema = plain_schema(model_type)
    faults = _one_for_each_path(fault_of(each, schema, document, path) for each in told)
    first, *others = sorted(_without_typo_twins(faults), key=lambda fault: _order(fault, document))
    untold = max(0, error.error_count() - _MOST_ERRORS)
    return InputError(first.message + _elsewhere(others, untold, document), first.position, first.hint)


def _one_for_each_path(faults: Iterable[Fault]) -> Iterable[Fault]:
    """The first fault at each path: the branches of a union all speak of one value."""
    by_path: dict[Path, Fault] = {}
    for fault in faults:
        by_path.setdefault(fault.path, fault)
    return by_path.values()


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


def _elsewhere(others: Sequence[Fault], untold: int, document: Document) -> str:
    if not others:
        return ""
    places = list(dict.fromkeys(_place(fault, document) for fault in others))
    dots = ", ..." if len(places) > _MOST_PLACES else ""
    return f" (and {len(others) + untold} more: {', '.join(places[:_MOST_PLACES])}{dots})"


def _place(fault: Fault, document: Document) -> str:
    position = fault.position
    return f"line {position.line}" if position.file == document.file else str(position)
