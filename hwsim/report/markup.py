"""HTML built from elements, so that nothing a user named can break out of its place."""

from __future__ import annotations

import html
import json
from typing import Any

_VOID = frozenset({"br", "hr", "img", "input", "link", "meta"})


class Html(str):
    """Text that is markup already; every other string is escaped where it is used."""

    __slots__ = ()


def element(tag: str, *children: str, **attributes: str | bool | None) -> Html:
    """An element; ``class_`` is the attribute class, ``aria_label`` aria-label.

    True writes the bare attribute; False and None leave it out.
    """
    opening = f"<{tag}{''.join(_attribute(key, value) for key, value in attributes.items())}>"
    if tag in _VOID:
        return Html(opening)
    return Html(f"{opening}{join(children)}</{tag}>")


def join(children: Any) -> Html:
    """The children one after the other, text escaped."""
    return Html("".join(text(child) for child in children))


def text(child: str) -> Html:
    """``child`` as markup."""
    return child if isinstance(child, Html) else Html(html.escape(child, quote=False))


def script_data(value: Any, identity: str) -> Html:
    """A JSON value inside the page, safe against anything that would end the script element early."""
    data = json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)
    safe = data.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    return element("script", Html(safe), type="application/json", id=identity)


def _attribute(key: str, value: str | bool | None) -> str:
    if value is None or value is False:
        return ""
    name = key.rstrip("_").replace("_", "-")
    return f" {name}" if value is True else f' {name}="{html.escape(str(value))}"'
