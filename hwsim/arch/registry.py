"""Which component classes there are: found by import, never listed by hand.

Built-in compute classes live in the modules of ``hwsim.engines``; other packages add theirs through the
entry-point group ``hwsim.engines``, whose entries name a module that defines :class:`Attributes` subclasses.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from importlib.metadata import entry_points

from hwsim.arch import memory as _memory  # noqa: F401  (defines the memory classes)
from hwsim.arch.component import Attributes

ENTRY_POINT_GROUP = "hwsim.engines"


@cache
def component_classes() -> dict[str, type[Attributes]]:
    """Every component class by its YAML name.

    Raises:
        TypeError: two classes claim one name (a fault of a plug-in, not of the user's input).
    """
    _import_engines()
    found: dict[str, type[Attributes]] = {}
    for cls in _named_subclasses(Attributes):
        name = cls.class_name
        if found.setdefault(name, cls) is not cls:
            raise TypeError(f"component class {name!r} is defined by {found[name]} and by {cls}")
    return dict(sorted(found.items()))


def _import_engines() -> None:
    package = importlib.import_module("hwsim.engines")
    for module in pkgutil.iter_modules(package.__path__, "hwsim.engines."):
        importlib.import_module(module.name)
    for entry in entry_points(group=ENTRY_POINT_GROUP):
        entry.load()


def _named_subclasses(cls: type[Attributes]) -> list[type[Attributes]]:
    """The subclasses at any depth that give themselves a name, each once."""
    found: dict[type[Attributes], None] = {}
    for sub in cls.__subclasses__():
        if vars(sub).get("class_name"):
            found[sub] = None
        found.update(dict.fromkeys(_named_subclasses(sub)))
    return list(found)
