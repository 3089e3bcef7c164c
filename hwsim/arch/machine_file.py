"""The form of a machine's YAML: a header and a tree of nodes, each with the keys of its component class."""

from __future__ import annotations

from functools import cache
from typing import Annotated, Any, Literal, Union

from pydantic import Field, create_model

from hwsim.arch.component import Attributes, Count
from hwsim.arch.registry import component_classes
from hwsim.spec.model import Spec
from hwsim.spec.quantity import Frequency


class MachineHeader(Spec):
    """The top of a machine's YAML file; the tree comes below it."""

    name: str
    """The machine's name."""
    description: str = ""
    """What it is, in a sentence."""
    source: str | None = None
    """Where the description as a whole comes from; the source of every value that has no nearer one."""
    clock: Frequency
    """The clock of every component that has none of its own."""
    technology: str
    """The table that prices actions, areas and leakage: a name in arch_configs/technology/ or a file."""


@cache
def machine_model() -> type[MachineHeader]:
    """The model of a whole machine file, made of the component classes there are.

    Each node is validated by its own class, chosen by the key ``class``; its ``components`` are nodes again.
    """
    nodes = {name: _node_model(name, cls) for name, cls in component_classes().items()}
    # Built at run time from what the registry found, so there is no static name to write here.
    tagged: Any = Annotated[Union[tuple(nodes.values())], Field(discriminator="class")]  # noqa: UP007
    for node in nodes.values():
        node.model_rebuild(_types_namespace={"AnyNode": tagged})
    root = Field(
        description="The tree: one root, the outermost memory, its parts under its own 'components'."
    )
    return create_model(
        "Machine", __base__=MachineHeader, __doc__="A machine.", components=(dict[str, tagged], root)
    )


def _node_model(name: str, cls: type[Attributes]) -> type[Attributes]:
    """The class with the keys of the tree added."""
    fields: dict[str, Any] = {
        "class": (Literal[name], Field(description=_first_line(cls))),
        "fanout": (
            Count,
            Field(
                default=1, description="Identical instances side by side under one instance of the parent."
            ),
        ),
        "components": (
            dict[str, "AnyNode"],  # type: ignore[name-defined]  # noqa: F821  (resolved in machine_model)
            Field(default_factory=dict, description="The parts under this one, by name."),
        ),
    }
    return create_model(name, __base__=cls, __doc__=cls.__doc__, **fields)


def _first_line(cls: type[Attributes]) -> str:
    return (cls.__doc__ or cls.class_name).strip().splitlines()[0]
