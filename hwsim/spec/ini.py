"""INI files (``[section]``, ``key = value`` or ``key: value``) whose every value knows where it stands."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from hwsim.spec.errors import InputError, Position, did_you_mean
from hwsim.spec.files import read_text

_SECTION = re.compile(r"\s*\[(?P<name>[^\]]+)\]\s*\Z")
_ENTRY = re.compile(r"\s*(?P<key>[^=:#;\s][^=:]*?)\s*[=:]\s*(?P<value>.*?)\s*\Z")
_COMMENT = re.compile(r"\s*([#;].*)?\Z")


@dataclass(frozen=True, slots=True)
class Entry:
    """One value, its key as written, and where the value stands."""

    key: str
    value: str
    position: Position

    def wrong(self, message: str, hint: str | None = None) -> InputError:
        """An error at the value."""
        return InputError(f"{self.key}: {message}", self.position, hint)

    def count(self) -> int:
        """The value as a whole number of at least 1.

        Raises:
            InputError: it is none.
        """
        if not (self.value.isascii() and self.value.isdecimal() and len(self.value) < 19 and int(self.value)):
            raise self.wrong(f"{self.value!r} is not a whole number of at least 1")
        return int(self.value)

    def one_of(self, *known: str) -> str:
        """The value, which must be one of ``known`` in any case of letters.

        Raises:
            InputError: it is none of them.
        """
        by_folded = {name.casefold(): name for name in known}
        if self.value.casefold() not in by_folded:
            raise self.wrong(f"unknown {self.value!r}", did_you_mean(self.value, known))
        return by_folded[self.value.casefold()]


@dataclass(frozen=True, slots=True)
class IniFile:
    """The entries of a file by section and key, both in lower case, and where each section begins."""

    file: str
    sections: dict[str, dict[str, Entry]]
    headings: dict[str, Position]

    def find(self, section: str, key: str) -> Entry | None:
        """The entry, if the file has it."""
        return self.sections.get(section.lower(), {}).get(key.lower())

    def get(self, section: str, key: str) -> Entry:
        """The entry of ``key`` in ``section``.

        Raises:
            InputError: the section or the key is missing.
        """
        if section.lower() not in self.sections:
            message = f"the section [{section}] is missing"
            raise InputError(message, Position(self.file), did_you_mean(section, self.sections))
        entry = self.find(section, key)
        if entry is None:
            message = f"the key {key!r} is missing in section [{section}]"
            raise InputError(message, self.headings[section.lower()], f"add it below: {key} = ...")
        return entry

    def refuse_unknown(self, known: Mapping[str, tuple[str, ...]]) -> None:
        """Refuse what is none of the ``known`` keys, given by section.

        Raises:
            InputError: at the first unknown section or key.
        """
        for section, entries in self.sections.items():
            if section not in known:
                hint = did_you_mean(section, known)
                raise InputError(f"unknown section [{section}]", self.headings[section], hint)
            folded = {key.casefold() for key in known[section]}
            for entry in entries.values():
                if entry.key.casefold() not in folded:
                    position = replace(entry.position, column=_key_column(entry.position))
                    hint = did_you_mean(entry.key, known[section])
                    raise InputError(f"unknown key {entry.key!r} in section [{section}]", position, hint)


def read_ini(path: Path) -> IniFile:
    """The INI file at ``path``; lines that begin with ``#`` or ``;`` are comments.

    Raises:
        InputError: the file cannot be read, a line is none of the three kinds, or a key comes twice.
    """
    sections: dict[str, dict[str, Entry]] = {}
    headings: dict[str, Position] = {}
    current: dict[str, Entry] | None = None
    for number, line in enumerate(read_text(path).splitlines(), start=1):
        here = Position(str(path), number, 1, line)
        section = _SECTION.match(line)
        if section:
            name = section["name"].strip().lower()
            current = sections.setdefault(name, {})
            headings.setdefault(name, here)
        elif not _COMMENT.match(line):
            _add(current, line, here)
    return IniFile(str(path), sections, headings)


def _key_column(value: Position) -> int:
    line = value.text or ""
    return len(line) - len(line.lstrip()) + 1


def _add(section: dict[str, Entry] | None, line: str, here: Position) -> None:
    entry = _ENTRY.match(line)
    if section is None or entry is None:
        problem = "a value before the first [section]" if entry else "neither '[section]' nor 'key = value'"
        raise InputError(problem, here)
    position = Position(here.file, here.line, entry.start("value") + 1, line)
    before = section.setdefault(entry["key"].lower(), Entry(entry["key"], entry["value"], position))
    if before.position is not position:
        raise InputError(
            f"the key {entry['key']!r} comes twice, the first time in line {before.position.line}", here
        )
