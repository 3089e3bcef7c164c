"""Writing a workload as text in our own YAML, one operator or tensor a line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from hwsim.spec.scalars import resolve

_PLAIN = re.compile(r"[A-Za-z_/][A-Za-z0-9_./-]*\Z")


def workload_text(head: Mapping[str, Any], blocks: Mapping[str, Mapping[str, Any] | Sequence[Any]]) -> str:
    """The text of a workload file: ``head`` as single lines, each of ``blocks`` as a list or mapping of flow
    values.

    Keys of ``head`` whose value is None, an empty text or empty are left out.
    """
    lines = [f"{key}: {flow(value)}" for key, value in head.items() if value not in (None, "", (), [], {})]
    for key, block in blocks.items():
        lines += (
            [f"{key}:", *_entries(block)]
            if block
            else [f"{key}: {'{}' if isinstance(block, Mapping) else '[]'}"]
        )
    return "\n".join(lines) + "\n"


def flow(value: Any) -> str:
    """``value`` in flow style on one line, quoted only where YAML 1.2 needs it."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_scalar(key)}: {flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(flow(item) for item in value) + "]"
    return _scalar(value)


def _entries(block: Mapping[str, Any] | Sequence[Any]) -> Iterable[str]:
    if isinstance(block, Mapping):
        return (f"  {_scalar(key)}: {flow(value)}" for key, value in block.items())
    return (f"  - {flow(value)}" for value in block)


def _scalar(value: Any) -> str:
    if not isinstance(value, str):
        return json.dumps(value)
    plain = _PLAIN.match(value) and isinstance(resolve(value), str)
    return value if plain else '"' + "".join(map(_escaped, value)) + '"'


def _escaped(character: str) -> str:
    """One character between double quotes; what is not printable ASCII by its number."""
    if character in '"\\':
        return "\\" + character
    return character if " " <= character <= "~" else f"\\U{ord(character):08X}"
