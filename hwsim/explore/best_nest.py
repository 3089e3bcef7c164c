"""The best nest of one Einsum on one machine, with its certificate, remembered on the disk."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass, field, fields, replace
from itertools import pairwise
from math import isfinite, prod
from pathlib import Path
from typing import Any

from hwsim.arch.load import load_arch
from hwsim.energy.mapper_machine import mapper_machine
from hwsim.explore.model_version import model_version
from hwsim.mapping.exact.found import Found, Mapping, find, occupied
from hwsim.mapping.exact.objective import Objective
from hwsim.mapping.exact.rules import load_rules, nest_of_rules, ruled
from hwsim.mapping.exact.series import Series, find_series
from hwsim.mapping.exact.space import Space
from hwsim.mapping.loopnest.cost import Bits, cost
from hwsim.mapping.loopnest.einsum import problem_of, ranks_of, sizes_of
from hwsim.mapping.loopnest.machine import Machine, Memory
from hwsim.mapping.loopnest.machine_file import load_machine, machine
from hwsim.mapping.loopnest.nodes import Spatial, Storage, Temporal
from hwsim.mapping.loopnest.problem import Problem
from hwsim.spec.document import load_document
from hwsim.spec.errors import InputError
from hwsim.spec.files import write_atomically

CACHE = "HWSIM_CACHE"
"""The environment's variable for the folder of remembered answers; empty: remember nothing."""
ROLES = ("input", "weight", "output")


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: an Einsum and its sizes, a machine (a file, or a name of the library), and rules."""

    einsum: str
    sizes: str
    machine: str
    objective: Objective
    rules: Path | None = None
    bits: int | None = None
    time_limit_s: float = float("inf")


@dataclass(frozen=True)
class _Machine:
    machine: Machine
    reuses: dict[str, str]
    bits: int
    own_bits: dict[str, int] = field(default_factory=dict)


def best_nest(question: Question) -> dict[str, Any]:
    """The answer as JSON: nests, what they cost, the bound, and how many candidates were left out by what.

    Raises:
        InputError: some input is at fault, or no nest fits; says what lacks.
    """
    texts = [text.strip() for text in question.einsum.split(";") if text.strip()]
    spaces = [_space(replace(question, einsum=text), len(texts) > 1) for text in texts]
    known = _remembered(question, spaces)
    if known and known.exists():
        answer: dict[str, Any] = json.loads(known.read_text(encoding="utf-8"))
        return answer
    answer = _answer(question, spaces[0]) if len(spaces) == 1 else _series(question, spaces)
    if known and answer.get("proved", True):
        known.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(known, json.dumps(answer))
    return answer


def _series(question: Question, spaces: list[Space]) -> dict[str, Any]:
    """The best nests of Einsums each of which makes what the next takes; neighbours may be fused.

    Raises:
        InputError: they are no series, nothing of the machine can keep what is between them, or none fits.
    """
    if question.objective not in ("energy", "latency") or question.rules or isfinite(question.time_limit_s):
        hint = "--objective energy or latency, and neither --rules nor --time-limit"
        raise InputError("several Einsums are searched to the end and for one figure", hint=hint)
    between = [_between(*pair) for pair in pairwise(spaces)]
    both = {"input", "output"}
    memories = spaces[0].machine.memories[1:]
    memory = next((each.name for each in memories if each.holds is None or both <= each.holds), None)
    if memory is None:
        raise InputError(f"no memory of {question.machine} keeps both operands and results")
    found = find_series(Series(spaces, between, memory, question.objective))
    if found is None:
        raise InputError(
            "no nest fits for one of the Einsums", hint="ask for each of them alone: it says why"
        )
    nests = [
        {**_shown(spaces[number], mapping), "fused": len(part.numbers) > 1}
        for part in found.parts
        for number, mapping in zip(part.numbers, part.mappings, strict=True)
    ]
    value = {"objective": question.objective, "value": found.value, "lower_bound": found.value}
    return {"searched": True, **value, "gap": 0.0, "proved": True, "apart": found.apart, "einsums": nests}


def _between(first: Space, second: Space) -> str:
    """The tensor that one Einsum makes and the next takes."""
    made = first.problem.output
    taken = next((each for each in second.problem.tensors if each.name == made.name), None)
    if taken is None or taken.is_output or taken.ranks != made.ranks:
        message = f"{second.problem.name} does not take {made.name} with the ranks it is made with"
        raise InputError(message, hint="such as 'S[m,n]=Q[m,e]*K[e,n]; O[m,f]=S[m,n]*V[n,f]'")
    return made.name


def _space(question: Question, some: bool) -> Space:
    """The space of the question's one Einsum; with ``some`` of the ranks where there are others."""
    sizes = sizes_of(question.sizes)
    if some:
        sizes = {rank: size for rank, size in sizes.items() if rank in ranks_of(question.einsum)}
    problem = problem_of(question.einsum, sizes)
    described = _machine(question.machine)
    bits = question.bits or described.bits
    roles = {tensor.name: role for tensor, role in zip(problem.tensors, ROLES, strict=True)}
    tensors = {role: problem.tensor(name) for name, role in roles.items()}
    windowed = frozenset[str]().union(*(tensor.windowed for tensor in problem.tensors))
    unroll = {
        array: tuple(r for r in problem.sizes if r not in tensors[role].ranks | windowed)
        for array, role in described.reuses.items()
    }
    must = frozenset(
        (memory.name, tensors[role].name)
        for memory in described.machine.memories[1:]
        if memory.holds is not None and len(memory.holds) == 1
        for role in memory.holds
    )
    try:
        space = Space(
            problem, described.machine, {tensor.name: bits for tensor in problem.tensors}, roles, unroll, must
        )
    except ValueError as error:
        raise InputError(f"{question.einsum!r}: {error}") from error
    return ruled(space, *load_rules(question.rules)) if question.rules else space


def _machine(name: str) -> _Machine:
    """A machine of the mapper's own format, or one of the library."""
    path = Path(name)
    if path.is_file() and "memories" in load_document(path).value(()):
        spec = load_machine(path)
        reuses = {array: each.reuses for array, each in spec.arrays.items() if each.reuses}
        return _Machine(machine(spec), reuses, 8)
    found = mapper_machine(load_arch(name))
    return _Machine(found.machine, dict(found.reuses), found.bits)


def _answer(question: Question, space: Space) -> dict[str, Any]:
    if question.rules:
        rules, document = load_rules(question.rules)
        if rules.nest:
            nest = nest_of_rules(space, rules, document)
            bits = Bits(space.bits, min(space.bits.values()))
            given = Mapping(nest, cost(space.problem, nest, space.machine, bits))
            full = _overfull(space, given)
            if full:
                raise InputError(full, document.position(("nest",)), "smaller tiles, or fewer tensors there")
            return {**_shown(space, given), "searched": False}
    found = find(space, question.objective, question.time_limit_s)
    if not found.mappings:
        raise _nothing(space, found)
    return {**_shown(space, found.best), **_certificate(found)}


def _certificate(found: Found) -> dict[str, Any]:
    tally = found.tally
    value, bound = found.value or 0.0, found.lower_bound or 0.0
    frontier = [{"energy_j": m.cost.energy_j, "latency_s": m.cost.latency_s} for m in found.mappings]
    return {
        "searched": True,
        "objective": found.objective,
        "value": value,
        "lower_bound": bound,
        "gap": (value - bound) / value if value else 0.0,
        "proved": found.proved,
        "candidates": tally.ways,
        "skeletons": tally.skeletons,
        "undercut_by_others": tally.ways - tally.ways_left,
        "combinations_costed": tally.costed,
        "without_room": tally.without_room,
        "beaten_by_bounds": tally.beaten,
        "solve_s": found.seconds,
        **({"frontier": frontier} if found.objective == "pareto" else {}),
    }


def _shown(space: Space, mapping: Mapping) -> dict[str, Any]:
    found, latencies = mapping.cost, mapping.cost.latency_by_component
    return {
        "einsum": space.problem.name,
        "sizes": dict(space.problem.sizes),
        "macs": space.problem.macs,
        "energy_j": found.energy_j,
        "latency_s": found.latency_s,
        "limited_by": max(latencies, key=lambda name: latencies[name]),
        "latency_by_component_s": dict(latencies),
        "energy_by_component_j": dict(found.energy_by_component),
        "bits_moved": {"/".join(key): bits for key, bits in found.bits.items()},
        "bits_held": {
            name: {"taken": taken, "capacity": _finite(space.machine.memory(name).capacity_bits)}
            for name, taken in occupied(space, mapping.nest).items()
        },
        "nest": lines(space.problem, mapping),
    }


def _finite(capacity: float) -> float | None:
    return capacity if isfinite(capacity) else None


def lines(problem: Problem, mapping: Mapping) -> list[str]:
    """The nest as indented lines, tensors between the loops where their tiles are kept."""
    left, depth, found = dict(problem.sizes), 0, []
    for node in mapping.nest:
        if isinstance(node, Storage):
            sides = " ".join(
                f"{rank}={left[rank]}" for rank in problem.sizes if rank in _ranks(problem, node)
            )
            stays = f", stays for {node.held} loops" if node.held else ""
            slides = ", keeps the halo" if node.refill == "on_slide" else ""
            found.append(f"{'  ' * depth}[{node.memory}] {node.tensor}: {sides}{stays}{slides}")
            continue
        kind = f"over {node.width} of {node.along}" if isinstance(node, Spatial) else f"by {node.tile}"
        word = "for" if isinstance(node, Temporal) else "side by side"
        found.append(f"{'  ' * depth}{word} {node.rank} in 0..{left[node.rank]} {kind}")
        left[node.rank] = min(left[node.rank], node.tile)
        depth += 1
    return found


def _ranks(problem: Problem, node: Storage) -> frozenset[str]:
    return problem.tensor(node.tensor).ranks


def _overfull(space: Space, mapping: Mapping) -> str | None:
    for name, taken in occupied(space, mapping.nest).items():
        capacity = space.machine.memory(name).capacity_bits
        if taken > capacity:
            return f"the nest keeps {taken:,} bits in {name}, which has {capacity:,.0f}"
    return None


def _nothing(space: Space, found: Found) -> InputError:
    """Which memory lacks how much even for the smallest tiles of what it has to keep."""
    least = {
        memory.name: sum(
            space.element_bits(name, tensor) for name, tensor in space.must_keep if name == memory.name
        )
        for memory in space.machine.memories
    }
    for memory in space.machine.memories:
        if least[memory.name] > memory.capacity_bits:
            kept = ", ".join(sorted(tensor for name, tensor in space.must_keep if name == memory.name))
            lacks = (
                f"{memory.name} has {memory.capacity_bits:,.0f} bits, an element each of what it has to keep"
            )
            return InputError(
                f"no nest fits: {lacks} ({kept}) takes {least[memory.name]:,}: all {found.tally.ways:,} "
                "candidates are without room",
                hint=f"{memory.name} needs {least[memory.name]:,} bits, or let {kept} pass it by",
            )
    wide = prod(array.width for array in space.machine.arrays)
    return InputError(
        f"no nest fits: of {found.tally.ways:,} candidates {found.tally.without_room:,} combinations were "
        f"without room beside {wide:,} places",
        hint="let something pass a full memory by",
    )


def _remembered(question: Question, spaces: list[Space]) -> Path | None:
    """The file of an answer: named by all that it follows from."""
    folder = os.environ.get(CACHE, str(Path.home() / ".cache" / "hwsim"))
    if not folder:
        return None
    rules = question.rules.read_text(encoding="utf-8") if question.rules else ""
    limit = question.time_limit_s if isfinite(question.time_limit_s) else "none"
    content = (model_version(), tuple(map(_plain, spaces)), question.objective, rules, limit)
    name = hashlib.sha256(repr(content).encode()).hexdigest()[:32]
    return Path(folder) / "mapper" / f"{name}.json"


def _plain(space: Space) -> tuple[str, ...]:
    """All of a space as text, sets in order."""
    machine = space.machine
    return (
        repr(space.problem),
        *(_plain_memory(each) for each in machine.memories),
        repr((machine.arrays, machine.compute, sorted(space.bits.items()), sorted(space.roles.items()))),
        repr((sorted(space.unroll.items()), sorted(space.must_keep), sorted(space.may_not_keep))),
    )


def _plain_memory(memory: Memory) -> str:
    holds = None if memory.holds is None else sorted(memory.holds)
    own = {each.name: getattr(memory, each.name) for each in fields(memory)}
    return repr(sorted((own | {"holds": holds, "bits": sorted(memory.bits.items())}).items()))
