"""Random small cascades that use every part of the syntax."""

from __future__ import annotations

import random
import re

from hwsim.einsum.cascade import Cascade
from hwsim.einsum.checks.whole import checked
from hwsim.einsum.text.parse import parse_einsum

OPERANDS_AT_MOST = 3
INDICES_AT_MOST = 4


class Generator:
    """Random cascades over a plain rank K, a family M, an iterative rank T, a halo rank W and its taps R.

    What a gather reads is not read again: its visitor has no coordinate to compare along the gathered rank.
    """

    def __init__(self, rng):
        self.rng = rng
        self.inputs = {
            "X": ("K", "M1", "M0"),
            "Z": ("K", "T"),
            "V": ("W", "K"),
            "F": ("R",),
            "I": ("K",),
            "S": (),
        }
        self.tensors = dict(self.inputs)
        self.states = {}
        self.einsums = []

    def cascade(self):
        makers = (
            self.plain,
            self.plain,
            self.plain,
            self.plain,
            self.populate,
            self.state,
            self.state_pair,
            self.gather,
        )
        for _ in range(self.rng.randint(3, 9)):
            self.rng.choice(makers)()
        self.plain()
        texts = tuple(map(parse_einsum, self.einsums))
        return checked(Cascade("random", self.inputs, texts, {"M": ("M1", "M0")}, ("T",)))

    def name(self):
        return f"A{len(self.einsums)}"

    def pick(self, wanted=None):
        """A tensor, rather a recent one, that carries ``wanted``."""
        names = [name for name, ranks in self.tensors.items() if wanted in (None, *ranks)]
        return names[max(self.rng.randrange(len(names)) for _ in range(2))]

    def read(self, tensor, indices):
        """An access in some spelling; the indices it uses are added to ``indices``."""
        coords = []
        for rank in self.tensors[tensor]:
            coord = self.coord(tensor, rank)
            coords.append(coord)
            indices.update(dict.fromkeys(re.findall(r"[a-z][a-z0-9]*", coord)))
        return f"{tensor}[{','.join(coords)}]" if coords else tensor

    def coord(self, tensor, rank):
        index, chance = rank.lower(), self.rng.random()
        if rank == "W" and chance < 0.4:
            return self.rng.choice(["w+r", "w+1", "w-1"])
        if rank == "T" and chance < 0.25:
            return "T"
        if tensor in self.states and rank == "T":
            return "t+1" if chance < 0.8 else "t"
        if tensor in self.inputs and chance < 0.05:
            return "1"
        return index

    def operands(self, first=None):
        indices, reads = {}, []
        for number in range(self.rng.randint(1, OPERANDS_AT_MOST)):
            trial = dict(indices)
            access = self.read(first if first and not number else self.pick(), trial)
            if len(trial) <= INDICES_AT_MOST:
                indices = trial
                reads.append(access)
        reads = reads or ["S"]
        return f" {self.rng.choice('+*-')} ".join(reads), list(indices)

    def add(self, tensor, left, right):
        self.einsums.append(f"{tensor}[{','.join(left)}] = {right}" if left else f"{tensor} = {right}")

    def plain(self):
        right, indices = self.operands()
        kept = [index for index in indices if self.rng.random() < 0.6]
        gone = [index for index in indices if index not in kept]
        head = f"max({','.join(gone)}): " if gone and self.rng.random() < 0.5 else ""
        name = self.name()
        self.add(name, kept, head + right)
        self.tensors[name] = tuple(index.upper() for index in kept)

    def populate(self):
        right, indices = self.operands()
        if indices:
            kept = [self.rng.choice(indices)]
            name = self.name()
            self.add(name, kept, f"topk({kept[0]}): {right}")
            self.tensors[name] = (kept[0].upper(),)

    def gather(self):
        pointer = self.rng.choice([name for name, ranks in self.tensors.items() if len(ranks) <= 1])
        indices = {}
        access = self.read(pointer, indices)
        target = self.pick("K")
        coords = [f"@{access}" if rank == "K" else rank.lower() for rank in self.tensors[target]]
        others = [rank.lower() for rank in self.tensors[target] if rank != "K"]
        left = [index for index in dict.fromkeys([*indices, *others]) if self.rng.random() < 0.7]
        self.add(f"G{len(self.einsums)}", left, f"{target}[{','.join(coords)}]")

    def initialised_state(self):
        name = self.name()
        extra = [index for index in ("k", "m0") if self.rng.random() < 0.4]
        self.add(name, [*extra, "0"], "0")
        self.states[name] = extra
        return name, extra

    def state(self):
        """A running value: ``S[t+1] = S[t] + ...``."""
        right, indices = self.operands(self.pick("T"))
        if "t" not in indices:
            return
        name, extra = self.initialised_state()
        self.add(name, [*extra, "t+1"], f"{name}[{','.join([*extra, 't'])}] + {right}")
        self.tensors[name] = (*(index.upper() for index in extra), "T")

    def state_pair(self):
        """A running value updated through a second tensor that reads it."""
        right, indices = self.operands(self.pick("T"))
        if "t" not in indices:
            return
        name, extra = self.initialised_state()
        step = self.name()
        self.add(step, [*extra, "t"], f"{name}[{','.join([*extra, 't'])}] * ({right})")
        now = ",".join([*extra, "t"])
        self.add(name, [*extra, "t+1"], f"{name}[{now}] + {step}[{now}]")
        self.tensors[name] = self.tensors[step] = (*(index.upper() for index in extra), "T")


def random_cascade(seed):
    return Generator(random.Random(seed)).cascade()
