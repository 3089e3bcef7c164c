"""``--set a.b=v``: a value given on the command line in the place of one in the file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hwsim.spec.composer import MAX_DEPTH, compose
from hwsim.spec.errors import InputError, Position, did_you_mean
from hwsim.spec.nodes import Mark, Node, Origin, Path, Source, Step
from hwsim.spec.phrases import shown

COMMAND_LINE = Source("command line")
_OPTION = "--set "
_FILE = "command line"


@dataclass(frozen=True, slots=True)
class _Name:
    """One step of the dotted path as typed, and the offset in the option at which it begins."""

    text: str
    option: str
    offset: int

    def error(self, message: str, hint: str | None = None) -> InputError:
        return InputError(message, Position(_FILE, 1, self.offset + 1, self.option), hint)


def apply(root: Node, path: str, value: str, typed: str) -> Node:
    """The tree ``root`` with the YAML text ``value`` at the dotted ``path``.

    ``typed`` is how the user gave the path: messages show it. It ends as the path does.

    Raises:
        InputError: the parent of ``path`` does not exist, or ``value`` is not YAML; placed in the option.
    """
    option = f"{_OPTION}{typed}={value}"
    names = list(_names(path, option, len(_OPTION) + len(typed) - len(path)))
    steps = _resolve(root, names)
    new = _value(option, len(option) - len(value))
    return root.with_descendant(steps, new, (new.origin, Mark(1, names[-1].offset + 1)))


def _names(path: str, option: str, offset: int) -> Iterator[_Name]:
    """The steps of a path that would begin at ``offset`` of the option, were it typed in full."""
    for text in path.split("."):
        yield _Name(text, option, max(offset, len(_OPTION)))
        offset += len(text) + 1


def _resolve(root: Node, names: list[_Name]) -> Path:
    """The steps of the path in the tree; the last may be a key that is not there yet."""
    if len(names) > MAX_DEPTH:
        raise names[0].error(f"more than {MAX_DEPTH} steps")
    steps: list[Step] = []
    node = root
    for name in names[:-1]:
        steps.append(_existing_step(node, name))
        node = node.children[steps[-1]]
    return (*steps, _last_step(node, names[-1]))


def _last_step(parent: Node, name: _Name) -> Step:
    if isinstance(parent.value, dict) and name.text:
        return name.text
    return _existing_step(parent, name)


def _existing_step(parent: Node, name: _Name) -> Step:
    if not name.text:
        raise name.error("an empty key", "write --set key.key=value")
    if isinstance(parent.value, dict):
        return _key(parent, name)
    if isinstance(parent.value, list):
        return _entry(parent, name)
    raise name.error(f"there is nothing below the value {shown(parent.value)}, so no {name.text!r}")


def _key(parent: Node, name: _Name) -> str:
    if name.text not in parent.children:
        raise name.error(f"there is no key {name.text!r} here", did_you_mean(name.text, parent.key_places))
    return name.text


def _entry(parent: Node, name: _Name) -> int:
    """The index of a list entry given by its index or by its ``name``."""
    named = _entries_by_name(parent)
    if name.text in named:
        return named[name.text]
    count = len(parent.value)
    if name.text.isascii() and name.text.isdecimal() and len(name.text) < 10 and int(name.text) < count:
        return int(name.text)
    hint = did_you_mean(name.text, named) if named else f"its entries are 0 to {count - 1}" if count else None
    raise name.error(f"there is no entry {name.text!r} in this list of {count}", hint)


def _entries_by_name(parent: Node) -> dict[str, int]:
    entries = (entry.get("name") if isinstance(entry, dict) else None for entry in parent.value)
    return {name: index for index, name in enumerate(entries) if isinstance(name, str)}


def _value(option: str, offset: int) -> Node:
    """The node of the value that begins at ``offset`` of the option."""
    # Spaces in the place of the option's head keep the columns right; the lines shown are the option's.
    node = compose(Origin(_FILE, " " * offset + option[offset:], shown=option))
    if node is None:
        name = _Name("", option, offset)
        raise name.error("there is no value after '='", "write null for no value")
    return _from_command_line(node)


def _from_command_line(node: Node) -> Node:
    return node._replace(source=node.source or COMMAND_LINE)
