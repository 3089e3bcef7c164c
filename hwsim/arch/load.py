"""From a machine's YAML to an :class:`Arch`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from hwsim.arch import sanafe
from hwsim.arch.component import Attributes, Component
from hwsim.arch.limits import check_limits
from hwsim.arch.machine import Arch
from hwsim.arch.machine_file import MachineHeader, machine_model
from hwsim.arch.registry import component_classes
from hwsim.arch.scalesim_cfg import SUFFIX, machine_text
from hwsim.spec.document import Document, parse_document
from hwsim.spec.errors import InputError, did_you_mean, one_of
from hwsim.spec.files import read_text
from hwsim.spec.imported import errors_in_the_original, imported
from hwsim.spec.library import find
from hwsim.spec.model import validate
from hwsim.spec.nodes import Path

COMPONENT_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*\Z")
"""What a component may be called, so that ``--set name.attribute=value`` can name it."""


def load_arch(name_or_path: str, overrides: tuple[str, ...] = ()) -> Arch:
    """Read a machine from a file or the library and apply ``--set`` overrides.

    Args:
        name_or_path: our YAML, SCALE-Sim's ``.cfg``, SANA-FE's YAML, or the name of a machine in
            ``arch_configs/``.
        overrides: ``component.attribute=value`` or ``key=value`` of the machine itself.

    Raises:
        InputError: the file or an override is at fault, with its position.
    """
    return arch_of(apply_overrides(read_machine(name_or_path), overrides))


def read_machine(name_or_path: str) -> Document:
    """The machine as a document in our own format, whatever the format of the file.

    Raises:
        InputError: the file cannot be read or is not understood.
    """
    path = find("arch", name_or_path)
    if path.suffix.lower() == SUFFIX:
        return imported(machine_text(path), path)
    text = read_text(path)
    if sanafe.is_sanafe(text):
        return imported(sanafe.machine_text(text, str(path)), path)
    return parse_document(text, str(path))


def arch_of(document: Document) -> Arch:
    """The machine a document describes.

    Raises:
        InputError: the document is at fault, with its position.
    """
    with errors_in_the_original():
        return _arch(document)


def _arch(document: Document) -> Arch:
    machine: Any = validate(machine_model(), document)
    name, node = _root(machine.components, document)
    _check_names(document)
    _check_technology(machine.technology, document)
    root = _component(document, ("components", name), node, machine.clock, 1)
    check_limits(root, dict(_component_paths(document.data, ())), document)
    return Arch(
        name=machine.name,
        description=machine.description,
        clock=machine.clock,
        technology=machine.technology,
        root=root,
        file=document.file,
        content_hash=document.content_hash,
        sources=_sources(document, (), {"clock": machine.clock, "technology": machine.technology}),
    )


def apply_overrides(document: Document, overrides: tuple[str, ...]) -> Document:
    """``document`` with each ``name.attribute=value`` applied; ``name`` is a component or a top-level key.

    Raises:
        InputError: there is no such component or key, or the value is not YAML.
    """
    for override in overrides:
        target, equals, value = override.partition("=")
        if not equals:
            raise InputError(
                f"--set {override}: there is no '='", hint="write --set component.attribute=value"
            )
        document = document.with_override(_full_path(document, target), value, typed=target)
    return document


def _full_path(document: Document, target: str) -> str:
    """The dotted path in the document of ``component.attribute`` or of a key of the machine."""
    name, dot, rest = target.partition(".")
    places = dict(_component_paths(document.data, ()))
    if dot and name in places:
        return ".".join((*map(str, places[name]), rest))
    if name in MachineHeader.model_fields or name == "components":
        return target
    if name in places:
        raise InputError(
            f"--set {target}: {name!r} is a component", hint=f"write --set {name}.attribute=value"
        )
    meant = [f"{part}.{name}" for part, place in places.items() if not dot and _has(document, place, name)]
    hint = one_of(meant) or did_you_mean(name, [*places, *MachineHeader.model_fields])
    raise InputError(f"--set {target}: the machine has no component or key {name!r}", hint=hint)


def _has(document: Document, place: Path, key: str) -> bool:
    node = document.value(place)
    return isinstance(node, dict) and key in node


def _component_paths(data: Any, path: Path) -> Iterator[tuple[str, Path]]:
    """Every component of a tree that may not be valid yet, with its path, parents first."""
    components = data.get("components") if isinstance(data, dict) else None
    for name, node in components.items() if isinstance(components, dict) else ():
        here = (*path, "components", name)
        yield name, here
        yield from _component_paths(node, here)


def _root(components: Mapping[str, Attributes], document: Document) -> tuple[str, Attributes]:
    if len(components) == 1:
        return next(iter(components.items()))
    names = ", ".join(components) or "none"
    message = f"a machine has one root component, found {len(components)} ({names})"
    hint = "nest the others under the outermost memory's own 'components:'"
    raise InputError(message, document.key_position(("components",)), hint)


def _check_names(document: Document) -> None:
    seen: set[str] = set()
    for name, path in _component_paths(document.data, ()):
        if not COMPONENT_NAME.match(name):
            hint = "a name is a letter, then letters, digits, '_' and '-'"
            raise InputError(f"a component cannot be called {name!r}", document.key_position(path), hint)
        if name in seen:
            hint = "names are unique in a machine"
            raise InputError(f"two components are called {name!r}", document.key_position(path), hint)
        seen.add(name)


def _check_technology(technology: str, document: Document) -> None:
    try:
        find("technology", technology)
    except InputError as error:
        raise error.at(document.position(("technology",))) from error


def _component(document: Document, path: Path, node: Any, clock: float, instances: int) -> Component:
    own_clock = node.clock or clock
    total = instances * node.fanout
    attributes = _attributes(node)
    return Component(
        name=str(path[-1]),
        attributes=attributes,
        clock=own_clock,
        fanout=node.fanout,
        instances=total,
        children=tuple(
            _component(document, (*path, "components", name), child, own_clock, total)
            for name, child in node.components.items()
        ),
        sources=_sources(document, path, _own_data(document, path)),
        positions=tuple((key, document.position((*path, key))) for key in _own_data(document, path)),
    )


def _attributes(node: Attributes) -> Attributes:
    """The node less the keys of the tree: an instance of the component class itself."""
    cls = component_classes()[node.class_name]
    given = node.model_fields_set & cls.model_fields.keys()
    return cls.model_construct(given, **{key: getattr(node, key) for key in cls.model_fields})


def _own_data(document: Document, path: Path) -> dict[str, Any]:
    data = document.value(path)
    return {key: value for key, value in data.items() if key not in ("class", "components", "source")}


def _sources(document: Document, path: Path, data: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """The source of each value of ``data``, by its dotted key below ``path``."""
    found = ((keys, document.source_of((*path, *keys))) for keys in _leaves(data))
    return tuple((".".join(map(str, keys)), str(source)) for keys, source in found if source)


def _leaves(data: Any) -> Iterator[Path]:
    if isinstance(data, dict):
        for key, value in data.items():
            yield from ((key, *rest) for rest in _leaves(value))
    else:
        yield ()
