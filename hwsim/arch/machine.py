"""A machine: its tree of components and the questions other rooms ask of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hwsim.arch.component import Component
from hwsim.arch.memory import Memory, Role
from hwsim.spec.errors import InputError, did_you_mean


@dataclass(frozen=True, slots=True)
class Arch:
    """A machine as described: ``root`` is the component everything hangs from, usually the outermost memory.

    ``clock`` is in hertz; ``technology`` names the table that prices it; ``file`` and ``content_hash``
    identify the text it was read from; ``sources`` says where its own values come from, by key.
    """

    name: str
    description: str
    clock: float
    technology: str
    root: Component
    file: str
    content_hash: str
    sources: tuple[tuple[str, str], ...] = ()

    def walk(self) -> Iterator[Component]:
        """Every component, parents first."""
        return self.root.walk()

    def find(self, name: str) -> Component:
        """The component called ``name``.

        Raises:
            InputError: there is none.
        """
        for component in self.walk():
            if component.name == name:
                return component
        hint = did_you_mean(name, [component.name for component in self.walk()])
        raise InputError(f"machine {self.name!r} has no component {name!r}", hint=hint)

    def path_to(self, name: str) -> tuple[Component, ...]:
        """The components from the root to the one called ``name``, both included."""
        path = _path(self.root, name)
        if not path:
            self.find(name)
        return path

    def memories_above(self, name: str) -> tuple[Component, ...]:
        """The memories between the root and component ``name``, outermost (level 0) first."""
        return tuple(part for part in self.path_to(name)[:-1] if isinstance(part.attributes, Memory))

    def memory_path(self, name: str, role: Role) -> tuple[Component, ...]:
        """The memories that hold tensors of ``role`` on their way to component ``name``, level 0 first."""
        return tuple(part for part in self.memories_above(name) if role in memory_of(part).holds)


def memory_of(component: Component) -> Memory:
    """The attributes of ``component``, which must be a memory.

    Raises:
        TypeError: it is not one.
    """
    if not isinstance(component.attributes, Memory):
        raise TypeError(f"{component.name} is a {component.class_name}, not a memory")
    return component.attributes


def _path(component: Component, name: str) -> tuple[Component, ...]:
    if component.name == name:
        return (component,)
    for child in component.children:
        below = _path(child, name)
        if below:
            return (component, *below)
    return ()
