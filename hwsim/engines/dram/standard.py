"""A standard: the commands a family of devices has, and the rules of time between them, all read from
YAML.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from hwsim.spec.document import Document, load_document
from hwsim.spec.errors import InputError, did_you_mean
from hwsim.spec.library import find
from hwsim.spec.model import Spec, validate
from hwsim.spec.nodes import Path as NodePath

Scope = Literal["bank", "bank_group", "dram_rank", "other_ranks", "channel"]
Does = Literal[
    "open",
    "close",
    "read",
    "write",
    "read_and_close",
    "write_and_close",
    "refresh",
    "refresh_bank",
    "pim_announce",
    "pim_load",
    "pim_open",
    "pim_compute",
    "pim_read_out",
    "pim_compute_and_read_out",
    "pim_close",
    "pim_move_in",
    "pim_move_out",
    "pim_softmax",
]
"""What a command does to the state of what it is sent to; how the controllers know it, whatever its name."""

Buses = Literal["one", "row_and_column"]
Names = Annotated[list[str], Field(min_length=1)]


class CommandEnergy(Spec):
    """What a command costs in units of a normal one: ``times`` / ``per`` of it.

    Formulas of a device's timing and of ``page_bits`` (a bank's row), ``access_bits`` (a column command),
    ``banks`` (of a channel) and ``banks_per_group``.
    """

    of: Literal["activate", "read", "write"]
    """Which normal command: opening a row, or moving a column."""
    times: str = "1"
    """How many of it."""
    per: str = "1"
    """What ``times`` is divided by."""


class CommandEntry(Spec):
    """A command."""

    scope: Literal["bank", "bank_group", "dram_rank", "channel"]
    """What one such command is sent to."""
    does: Does
    """What it does there."""
    energy: CommandEnergy | None = None
    """What it costs, where it is neither a normal command nor free."""


class RuleEntry(Spec):
    """Commands that keep others waiting."""

    scope: Scope
    """Where: both commands go to the same bank, bank group, rank or channel, or to different ranks of one."""
    from_: Names = Field(alias="from")
    """The earlier commands."""
    to: Names
    """The later commands."""
    cycles: str
    """How much later, in cycles of the clock: a formula of the names in a device's timing."""
    window: Annotated[int, Field(ge=1, le=64)] = 1
    """Later than which of the earlier commands: 1 for the last, 4 for the fourth last."""


class CheckEntry(Spec):
    """What must hold in a table that does not contradict itself."""

    at_least: str
    """The name that has a least value."""
    value: str
    """The formula of its least value."""
    because: str
    """Why."""


class StandardFile(Spec):
    """A standard."""

    name: str
    """The standard's name."""
    description: str = ""
    """What it is, in a sentence."""
    source: str
    """Where its rules come from."""
    extends: str | None = None
    """The standard whose commands, rules, defaults and checks it has as well."""
    command_buses: Buses | None = None
    """``one``: one command a cycle; ``row_and_column``: one row and one column command a cycle."""
    commands: dict[str, CommandEntry] = Field(default_factory=dict)
    """The commands by name; one of a name that ``extends`` knows takes its place."""
    defaults: dict[str, str] = Field(default_factory=dict)
    """Formulas for names that a device's timing leaves out."""
    checks: list[CheckEntry] = Field(default_factory=list)
    """What must hold of a device's timing; a check whose names have no value is passed over."""
    without: Names | None = None
    """``scope from to`` of rules of ``extends`` that do not hold here."""
    rules: list[RuleEntry] = Field(default_factory=list)
    """The rules of time, beside those of ``extends``."""


@dataclass(frozen=True, slots=True)
class Sourced:
    """A rule or check and where it stands, for messages."""

    document: Document
    path: NodePath

    def wrong(self, message: str, hint: str | None = None) -> InputError:
        """An error at this place."""
        return InputError(message, self.document.position(self.path), hint)


@dataclass(frozen=True, slots=True)
class Standard:
    """A standard with all it extends. ``rules`` come in the order of the files, the extended one first."""

    name: str
    command_buses: Buses
    commands: dict[str, CommandEntry]
    defaults: dict[str, str]
    checks: tuple[tuple[CheckEntry, Sourced], ...]
    rules: tuple[tuple[RuleEntry, Sourced], ...]

    def doing(self, does: Does) -> str | None:
        """The command that does something, or None."""
        return next((name for name, command in self.commands.items() if command.does == does), None)


def load_standard(name_or_path: str, above: tuple[str, ...] = ()) -> Standard:
    """The standard in a file or the library.

    Raises:
        InputError: it or one that it extends is at fault, with its position.
    """
    return standard_of(load_document(Path(find("dram_standard", name_or_path))), above)


def standard_of(document: Document, above: tuple[str, ...] = ()) -> Standard:
    """The standard that a document describes; ``above`` are the files of those that extend it.

    Raises:
        InputError: it or one that it extends is at fault, with its position.
    """
    file = validate(StandardFile, document)
    if file.extends is None:
        return _checked(_extended(Standard(file.name, "one", {}, {}, (), ()), file, document))
    if document.file in above:
        raise InputError("a standard extends itself", document.position(("extends",)))
    base = load_standard(file.extends, (*above, document.file))
    return _checked(_extended(base, file, document))


def _extended(base: Standard, file: StandardFile, document: Document) -> Standard:
    dropped = set(file.without or ())
    rules = [pair for pair in base.rules if not dropped & _names_of(pair[0])]
    rules += [(rule, Sourced(document, ("rules", index))) for index, rule in enumerate(file.rules)]
    checks = [(check, Sourced(document, ("checks", index))) for index, check in enumerate(file.checks)]
    return Standard(
        name=file.name,
        command_buses=file.command_buses or base.command_buses,
        commands={**base.commands, **file.commands},
        defaults={**base.defaults, **file.defaults},
        checks=(*base.checks, *checks),
        rules=tuple(rules),
    )


def _names_of(rule: RuleEntry) -> set[str]:
    return {f"{rule.scope} {first} {second}" for first in rule.from_ for second in rule.to}


def _checked(standard: Standard) -> Standard:
    for rule, place in standard.rules:
        for name in (*rule.from_, *rule.to):
            if name not in standard.commands:
                hint = did_you_mean(name, standard.commands)
                raise place.wrong(f"there is no command {name!r}", hint)
    return standard
