"""Names that users give to descriptions of their own."""

from __future__ import annotations

import re

from hwsim.spec.errors import InputError

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*\Z")


def named(starter: str, kind: str, name: str) -> str:
    """The text ``starter`` with its placeholder ``name: NAME`` filled in.

    Raises:
        InputError: ``name`` is not a letter followed by letters, digits, '_' and '-'.
    """
    if not _NAME.match(name):
        hint = "a name is a letter, then letters, digits, '_' and '-'"
        raise InputError(f"a {kind} cannot be called {name!r}", hint=hint)
    return starter.replace("name: NAME", f"name: {name}", 1)
