"""Reading cascades from YAML files and writing them back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import Field

from hwsim.einsum.cascade import Cascade
from hwsim.einsum.checks.whole import checked
from hwsim.einsum.text.parse import parse_einsum
from hwsim.einsum.text.place import place_of
from hwsim.spec.document import Document, load_document, parse_document
from hwsim.spec.errors import InputError
from hwsim.spec.model import Spec, validate


class CascadeSpec(Spec):
    """A cascade of extended Einsums as its file says it."""

    name: str = ""
    """Identification."""
    description: str = ""
    """What it computes, in a sentence."""
    source: str = ""
    """Where the algorithm comes from."""
    inputs: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """External tensors and their ranks, in order."""
    partitions: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """Families of ranks and the leaves each is split into, outermost first."""
    iterative: tuple[str, ...] = ()
    """Leaf ranks walked in increasing order with carried state."""
    index_ranks: dict[str, str] = Field(default_factory=dict)
    """The rank an index runs over, where it is not its own name in upper case."""
    einsums: tuple[str, ...] = Field(min_length=1)
    """The cascade, in order."""
    expect: Any = None
    """Pass counts known for it: ``cascade`` (by rank) and ``tensors`` (see 'hwsim validate cascades')."""


def load_cascade(path: Path) -> Cascade:
    """The cascade in the YAML file at ``path``.

    Raises:
        InputError: the file cannot be read, or is no sensible cascade.
    """
    return cascade_in(load_document(path))


def parse_cascade(text: str, file: str = "<cascade>") -> Cascade:
    """The cascade in YAML ``text``; ``file`` is the name its positions carry.

    Raises:
        InputError: the text is no sensible cascade.
    """
    return cascade_in(parse_document(text, file))


def cascade_in(document: Document) -> Cascade:
    """The cascade that ``document`` describes.

    Raises:
        InputError: it describes none that makes sense.
    """
    _refuse_unquoted(document)
    spec = validate(CascadeSpec, document)
    places = (place_of(document, ("einsums", number), text) for number, text in enumerate(spec.einsums))
    cascade = Cascade(
        name=spec.name or Path(document.file).stem,
        inputs=spec.inputs,
        einsums=tuple(parse_einsum(place.text, place) for place in places),
        partitions=spec.partitions,
        iterative=spec.iterative,
        index_ranks=spec.index_ranks,
        description=spec.description,
        source=spec.source,
    )
    return checked(cascade, document.position)


def _refuse_unquoted(document: Document) -> None:
    """Refuse an Einsum with a head that YAML took for a mapping: ``Y = max(k): X[k]``."""
    entries = document.data.get("einsums") if isinstance(document.data, dict) else None
    for number, entry in enumerate(entries if isinstance(entries, list) else ()):
        if isinstance(entry, dict):
            place = document.position(("einsums", number))
            hint = "quote it: a colon and a space make a mapping of it"
            raise InputError("an Einsum must be text, this is a mapping", place, hint)


def cascade_data(cascade: Cascade) -> dict[str, Any]:
    """The cascade as the data of its YAML file."""
    data: dict[str, Any] = {"name": cascade.name}
    optional = {
        "description": cascade.description,
        "source": cascade.source,
        "partitions": {family: list(leaves) for family, leaves in cascade.partitions.items()},
        "iterative": list(cascade.iterative),
        "index_ranks": dict(cascade.index_ranks),
        "inputs": {tensor: list(ranks) for tensor, ranks in cascade.inputs.items()},
    }
    data.update({key: value for key, value in optional.items() if value})
    data["einsums"] = [str(einsum) for einsum in cascade.einsums]
    return data
