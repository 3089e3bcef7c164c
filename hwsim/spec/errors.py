"""The errors a user can meet, each with the place in the file that caused it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

_WIDEST_LINE = 120
_MOST_NAMES = 20
_LEAST_ALIKE = 0.6
"""Below this ratio of letters in common (difflib's) two names are not taken for one another."""
_SHORTEST_BEGINNING = 3
"""So many letters are taken for the beginning of a name."""


@dataclass(frozen=True, slots=True)
class Position:
    """A place in an input file; ``line`` and ``column`` count from 1, ``text`` is the whole line."""

    file: str
    line: int = 1
    column: int = 1
    text: str | None = None

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class HwsimError(Exception):
    """Base of every error hwsim raises on purpose; ``exit_status`` is what the command line returns."""

    exit_status = 2


class InputError(HwsimError):
    """The input is at fault: what is wrong, where, and how to mend it.

    Args:
        message: what is wrong, in one sentence without a trailing full stop.
        position: where, if the input is a file with lines.
        hint: how to mend it ("did you mean 'rows'?"), if known.
    """

    def __init__(self, message: str, position: Position | None = None, hint: str | None = None) -> None:
        self.message = message
        self.position = position
        self.hint = hint
        super().__init__(self.render())

    def at(self, position: Position) -> InputError:
        """The same error placed at ``position``, unless it has a place already."""
        return self if self.position else type(self)(self.message, position, self.hint)

    def render(self) -> str:
        """``file:line:col: what; how to mend``, then the offending line with a caret below the column."""
        head = f"{self.position}: {self.message}" if self.position else self.message
        if self.hint:
            head = f"{head}; {self.hint}"
        if self.position is None or self.position.text is None:
            return head
        shown, column = _window(self.position.text, self.position.column)
        return f"{head}\n    {shown}\n    {' ' * (column - 1)}^"


class CheckFailed(HwsimError):
    """A check the user asked for did not hold (validation outside tolerance, infeasible schedule)."""

    exit_status = 1


def _window(line: str, column: int) -> tuple[str, int]:
    """The part of ``line`` around ``column`` that fits a terminal, and the column within that part."""
    start = max(0, column - _WIDEST_LINE + 20) if len(line) > _WIDEST_LINE else 0
    part = line[start : start + _WIDEST_LINE]
    return "".join(c if c.isprintable() else " " for c in part), column - start


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name most like ``name``, whatever the case of letters, or None where none is close."""
    by_folded = {each.casefold(): each for each in known}
    typed = name.casefold()
    matches = difflib.get_close_matches(typed, list(by_folded), n=1, cutoff=_LEAST_ALIKE)
    longer = [each for each in by_folded if len(typed) >= _SHORTEST_BEGINNING and each.startswith(typed)]
    return by_folded[(matches or longer)[0]] if matches or longer else None


def one_of(meant: Iterable[str]) -> str | None:
    """A hint naming what was ``meant``, or None where it is nothing."""
    names = [repr(each) for each in meant][:_MOST_NAMES]
    return f"did you mean {' or '.join(names)}?" if names else None


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A hint naming the nearest known name, else the names there are."""
    names = sorted(known)
    match = nearest(name, names)
    if match:
        return f"did you mean {match!r}?"
    rest = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return f"known: {', '.join(names[:_MOST_NAMES])}{rest}" if names else "nothing is known here"
