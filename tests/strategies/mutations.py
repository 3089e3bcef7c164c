"""Random damage to YAML texts: characters, numbers, words and lines, as typing and merging make it."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

SNIPPETS = (
    ": ",
    "- ",
    "&a ",
    "*a",
    "<<: ",
    "!!int ",
    "{",
    "}",
    "[",
    "]",
    "\t",
    "\n",
    "'",
    '"',
    "#",
    "null",
    "true",
    "~",
)
NUMBERS = (
    "0",
    "-1",
    "1e999",
    ".nan",
    ".inf",
    "1e-400",
    "9" * 40,
    "0x",
    "1_000",
    "0.5",
    "999999999999",
    "00",
    "3 B",
)
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_WORD = re.compile(r"[A-Za-z_]\w*")


def mutated(text: str, dice: random.Random) -> str:
    """``text`` with one to three places damaged."""
    for _ in range(dice.randint(1, 3)):
        text = dice.choice(_DAMAGES)(text, dice)
    return text


def _characters(text: str, dice: random.Random) -> str:
    start, end = sorted(dice.randrange(len(text) + 1) for _ in range(2))
    end = min(end, start + 12)
    piece = dice.choice((dice.choice(SNIPPETS), chr(dice.randrange(1, 0x300)), text[start:end] * 2, ""))
    return text[:start] + piece + text[end:]


def _number(text: str, dice: random.Random) -> str:
    return _replaced(text, _NUMBER, lambda: dice.choice((*NUMBERS, str(dice.randrange(-9, 10**6)))), dice)


def _word(text: str, dice: random.Random) -> str:
    words = _WORD.findall(text) or ["x"]
    return _replaced(text, _WORD, lambda: dice.choice((*words, *SNIPPETS)), dice)


def _typo(text: str, dice: random.Random) -> str:
    found = list(_WORD.finditer(text))
    if not found:
        return text
    word = dice.choice(found)
    at = dice.randrange(word.start(), word.end())
    return text[:at] + dice.choice(("", text[at] * 2, "x", text[at].swapcase())) + text[at + 1 :]


def _lines(text: str, dice: random.Random) -> str:
    lines = text.splitlines(keepends=True) or [""]
    one, other = dice.randrange(len(lines)), dice.randrange(len(lines))
    match dice.randrange(4):
        case 0:
            del lines[one]
        case 1:
            lines.insert(other, lines[one])
        case 2:
            lines[one], lines[other] = lines[other], lines[one]
        case _:
            lines[one] = (
                dice.choice(("  ", "    ")) + lines[one] if dice.random() < 0.5 else lines[one].lstrip()
            )
    return "".join(lines)


def _cut(text: str, dice: random.Random) -> str:
    return text[: dice.randrange(len(text) + 1)]


def _replaced(text: str, pattern: re.Pattern[str], piece: Callable[[], str], dice: random.Random) -> str:
    found = list(pattern.finditer(text))
    if not found:
        return text
    place = dice.choice(found)
    return text[: place.start()] + piece() + text[place.end() :]


_DAMAGES = (_characters, _number, _number, _word, _word, _typo, _typo, _lines, _lines, _cut)
