"""One channel, command by command: ask when a command would be legal, then issue it.

In plain Python and apart from the compiled core, which is tested against it. The question changes nothing; an
issue that the answer forbids raises.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from hwsim.engines.dram.device import Device
from hwsim.engines.dram.standard import Does
from hwsim.engines.dram.timing import Rule, span, timing_of

_CLOSING: tuple[Does, ...] = ("close", "read_and_close", "write_and_close")
_COLUMN: tuple[Does, ...] = ("read", "write", "read_and_close", "write_and_close")


class IllegalCommand(ValueError):
    """A command was issued that its bank's state or a rule of time forbids."""


class Probe:
    """The state of one channel of ``device``: open rows, and the commands issued that rules may refer to.

    Banks are numbered from 0 by rank, bank group and bank, the last fastest.
    """

    def __init__(self, device: Device) -> None:
        self._device = device
        self._rules = timing_of(device).rules
        deepest = max((rule.window for rule in self._rules), default=1)
        self._spans = {rule.scope: span(rule.scope, device.organization) for rule in self._rules}
        self._past: dict[tuple[str, int, int], deque[int]] = {}
        self._deepest = deepest
        self.rows: list[int | None] = [None] * device.organization.banks

    def needed(self, bank: int, row: int, column: str) -> str:
        """What brings ``column`` on ``row`` of ``bank`` nearer: itself, a command to open or one to close."""
        standard = self._device.standard
        if self.rows[bank] == row:
            return column
        return str(standard.doing("open" if self.rows[bank] is None else "close"))

    def earliest(self, command: str, bank: int) -> int:
        """The first cycle in which the rules of time allow ``command`` for the node that ``bank`` is in."""
        banks = self._banks_of(command, bank)
        return max(self._after(rule, each) for each in banks for rule in self._rules_before(command))

    def legal(self, command: str, bank: int, cycle: int, row: int | None = None) -> bool:
        """Whether ``command`` may be issued at ``cycle``; ``row`` for one that opens or uses a row."""
        return self._state_allows(command, bank, row) and cycle >= self.earliest(command, bank)

    def issue(self, command: str, bank: int, cycle: int, row: int | None = None) -> None:
        """Issue ``command``.

        Raises:
            IllegalCommand: it is not legal.
        """
        if not self.legal(command, bank, cycle, row):
            raise IllegalCommand(f"{command} to bank {bank} at cycle {cycle}")
        for scope, size in self._spans.items():
            past = self._past.setdefault((command, size, bank // size), deque(maxlen=self._deepest))
            if scope != "other_ranks" and (not past or past[-1] != cycle):
                past.append(cycle)
        self._change(command, bank, row)

    def _banks_of(self, command: str, bank: int) -> range:
        size = span(self._device.standard.commands[command].scope, self._device.organization)
        return range(bank // size * size, bank // size * size + size)

    def _rules_before(self, command: str) -> Iterator[Rule]:
        yield Rule("bank", command, command, 0)
        yield from (rule for rule in self._rules if rule.second == command)

    def _after(self, rule: Rule, bank: int) -> int:
        size = self._spans.get(rule.scope, 1)
        if rule.scope != "other_ranks":
            past = self._past.get((rule.first, size, bank // size), ())
            return past[-rule.window] + rule.cycles if len(past) >= rule.window else 0
        ranks = range(self._device.organization.dram_ranks)
        others = (self._past.get((rule.first, size, rank), ()) for rank in ranks if rank != bank // size)
        return max((past[-1] + rule.cycles for past in others if past), default=0)

    def _state_allows(self, command: str, bank: int, row: int | None) -> bool:
        does = self._device.standard.commands[command].does
        if does in _COLUMN:
            return self.rows[bank] is not None and self.rows[bank] == row
        if does == "close":
            return self.rows[bank] is not None
        return all(self.rows[each] is None for each in self._banks_of(command, bank))

    def _change(self, command: str, bank: int, row: int | None) -> None:
        does = self._device.standard.commands[command].does
        if does == "open":
            self.rows[bank] = row
        elif does in _CLOSING:
            self.rows[bank] = None
