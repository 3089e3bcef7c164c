"""From YAML text to a tree of nodes.

Takes parser events one by one, without recursion, so depth and alias expansion are capped before they
cost anything. Values follow YAML 1.2 (see ``scalars``). Refused: tags, merge keys, duplicate keys, keys
that are not text, a second document in the file.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import yaml

from hwsim.spec.errors import InputError
from hwsim.spec.nodes import Mark, Node, Origin, Source, Step
from hwsim.spec.phrases import clipped, shown
from hwsim.spec.scalars import Scalar, resolve
from hwsim.spec.syntax import parser_events

MAX_DEPTH = 64
MAX_ALIASED_NODES = 100_000
_SOURCED_KEYS = frozenset(("value", "source", "note"))
_SURROGATE = re.compile("[\ud800-\udfff]")


def compose(origin: Origin) -> Node | None:
    """The tree of ``origin``'s text, or None where it holds no value.

    Raises:
        InputError: the text is not YAML, or uses a part of YAML that is refused here.
    """
    composer = _Composer(origin)
    for event in parser_events(origin):
        take = composer.takers.get(type(event))
        if take:
            take(event)
    return composer.root


@dataclass(slots=True)
class _Open:
    """A list or mapping whose end has not come yet."""

    mark: Mark
    anchor: str | None
    keys: dict[str, tuple[Origin, Mark]] | None
    children: dict[Step, Node] = field(default_factory=dict)
    key: str | None = None
    weight: int = 1


class _Composer:
    def __init__(self, origin: Origin) -> None:
        self.origin = origin
        self.root: Node | None = None
        self.documents = 0
        self.aliased_nodes = 0
        self.open: list[_Open] = []
        self.anchors: dict[str, Node | None] = {}
        self.takers = {
            yaml.ScalarEvent: self.scalar,
            yaml.MappingStartEvent: self.mapping_start,
            yaml.SequenceStartEvent: self.sequence_start,
            yaml.MappingEndEvent: self.mapping_end,
            yaml.SequenceEndEvent: self.sequence_end,
            yaml.AliasEvent: self.alias,
            yaml.DocumentStartEvent: self.document_start,
        }

    def document_start(self, event: Any) -> None:
        self.documents += 1
        if self.documents > 1:
            raise self.error(event, "a second document begins here", "keep one document to a file")

    def scalar(self, event: Any) -> None:
        self.refuse_tag(event)
        value = self.scalar_value(event)
        top = self.open[-1] if self.open else None
        if top and top.keys is not None and top.key is None:
            self.key(event, top, value)
            return
        node = Node(value, self.origin, _mark(event), {}, {}, None, 1)
        self.remember(event.anchor, node)
        self.add(node)

    def scalar_value(self, event: Any) -> Scalar:
        text: str = event.value
        if _SURROGATE.search(text):
            raise self.error(event, "half of a surrogate pair is not a character")
        if not event.implicit[0]:
            return text
        try:
            return resolve(text)
        except ValueError as error:
            raise self.error(event, str(error)) from error

    def key(self, event: Any, top: _Open, value: Scalar) -> None:
        if value == "<<" and event.implicit[0]:
            raise self.error(event, "merge keys ('<<') are not supported", "write the keys out")
        if not isinstance(value, str):
            hint = f"quote it: '{clipped(event.value)}'" if event.value else "write a key before the ':'"
            raise self.error(event, f"a key must be text, got {clipped(event.value) or 'nothing'}", hint)
        places = top.keys if top.keys is not None else {}
        if value in places:
            raise self.error(
                event, f"the key {shown(value)} is here twice, first on line {places[value][1].line}"
            )
        places[value] = (self.origin, _mark(event))
        top.key = value

    def mapping_start(self, event: Any) -> None:
        self.descend(event, {})

    def sequence_start(self, event: Any) -> None:
        self.descend(event, None)

    def descend(self, event: Any, keys: dict[str, tuple[Origin, Mark]] | None) -> None:
        self.refuse_tag(event)
        self.refuse_as_key(event)
        if len(self.open) >= MAX_DEPTH:
            raise self.error(event, f"more than {MAX_DEPTH} levels of nesting")
        if event.anchor:
            self.anchors[event.anchor] = None
        self.open.append(_Open(_mark(event), event.anchor, keys))

    def mapping_end(self, _: Any) -> None:
        done = self.open.pop()
        value = {key: child.value for key, child in done.children.items()}
        plain = Node(value, self.origin, done.mark, done.children, done.keys or {}, None, done.weight)
        node = _unwrap(plain) if "value" in value and value.keys() <= _SOURCED_KEYS else plain
        self.remember(done.anchor, node)
        self.add(node)

    def sequence_end(self, _: Any) -> None:
        done = self.open.pop()
        value = [child.value for child in done.children.values()]
        node = Node(value, self.origin, done.mark, done.children, {}, None, done.weight)
        self.remember(done.anchor, node)
        self.add(node)

    def alias(self, event: Any) -> None:
        self.refuse_as_key(event)
        target = self.anchors.get(event.anchor)
        if target is None:
            reason = (
                "stands inside what it repeats" if event.anchor in self.anchors else "is not defined above"
            )
            raise self.error(event, f"the alias '*{clipped(event.anchor)}' {reason}")
        self.aliased_nodes += target.weight
        if self.aliased_nodes > MAX_ALIASED_NODES:
            raise self.error(event, f"aliases repeat more than {MAX_ALIASED_NODES} values")
        self.add(target)

    def add(self, node: Node) -> None:
        """Put a finished node where it belongs: into the open list or mapping, or at the root."""
        if not self.open:
            self.root = node
            return
        top = self.open[-1]
        step: Step = len(top.children) if top.keys is None else top.key or ""
        top.children[step] = node
        top.key = None
        top.weight += node.weight

    def remember(self, anchor: str | None, node: Node) -> None:
        if anchor:
            self.anchors[anchor] = node

    def refuse_tag(self, event: Any) -> None:
        if event.tag is not None:
            raise self.error(event, f"the tag {shown(event.tag)} is not supported", "leave it out")

    def refuse_as_key(self, event: Any) -> None:
        top = self.open[-1] if self.open else None
        if top and top.keys is not None and top.key is None:
            raise self.error(event, "a key must be text, not a list, mapping or alias", "quote it")

    def error(self, event: Any, message: str, hint: str | None = None) -> InputError:
        return InputError(message, self.origin.position(_mark(event)), hint)


def _mark(event: Any) -> Mark:
    mark = event.start_mark
    return Mark(mark.line + 1, mark.column + 1)


def _unwrap(sourced: Node) -> Node:
    """The node of ``value`` in ``{value, source, note}``, carrying the source."""
    source, note = _text(sourced, "source"), _text(sourced, "note")
    inner = sourced.children["value"]
    if source is None and note is None:
        return inner
    return inner._replace(source=Source(source or note or "", note if source else None))


def _text(sourced: Node, key: str) -> str | None:
    node = sourced.children.get(key)
    if node is None:
        return None
    if not isinstance(node.value, str) or not node.value.strip():
        raise InputError(f"{key} must be a text that is not empty", node.position, "quote it")
    return node.value
