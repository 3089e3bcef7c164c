"""Machines: what there is to say about one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hwsim.arch.component import Component
from hwsim.arch.load import load_arch
from hwsim.arch.machine import Arch
from hwsim.arch.machine_file import machine_model
from hwsim.arch.memory import Memory
from hwsim.arch.scalesim_cfg import SUFFIX
from hwsim.arch.schema import arch_schema, starter
from hwsim.descriptions.kind import Kind
from hwsim.descriptions.sheet import Sheet, Table
from hwsim.engines.gpu.processor import KernelProcessor
from hwsim.mapping.protocol import MatrixAttributes


def describe(name_or_path: str) -> Sheet:
    """The machine in a file or the library.

    Raises:
        InputError: it is at fault, with its position.
    """
    arch = load_arch(name_or_path)
    return Sheet(
        kind="arch",
        name=arch.name,
        description=arch.description,
        file=arch.file,
        content_hash=arch.content_hash,
        facts=_facts(arch),
        tables=(Table("components", tuple(_components(arch.root, 0)), depth_by="name"),),
    )


def _facts(arch: Arch) -> dict[str, Any]:
    engines = [
        part.attributes.engine(part) for part in arch.walk() if isinstance(part.attributes, MatrixAttributes)
    ]
    on_chip = [
        part.attributes.capacity * part.instances
        for part in arch.walk()
        if part is not arch.root and isinstance(part.attributes, Memory) and part.attributes.capacity
    ]
    return {
        "clock_hz": arch.clock,
        "technology": arch.technology,
        "peak_macs_per_s": sum(engine.peak_macs * engine.component.clock for engine in engines)
        + sum(_kernel_peaks(arch)),
        "on_chip_bytes": sum(on_chip),
    }


def _kernel_peaks(arch: Arch) -> Iterator[float]:
    """Multiply-accumulates a second of every GPU and CPU, in its fastest datatype of 16 or 32 bits."""
    for part in arch.walk():
        if isinstance(part.attributes, KernelProcessor):
            yield max(part.attributes.peak_macs_per_s(part.clock, name) for name in ("bf16", "fp16", "fp32"))


def _components(component: Component, depth: int) -> Iterator[dict[str, Any]]:
    """A row for each component, parents first; attributes as the YAML would have them."""
    attributes = component.attributes.model_dump(mode="json", exclude_unset=True)
    own = {key: value for key, value in attributes.items() if key != "source"}
    yield {
        "name": component.name,
        "depth": depth,
        "class": component.class_name,
        "instances": component.instances,
        "attributes": own,
    }
    for child in component.children:
        yield from _components(child, depth + 1)


KIND = Kind(
    name="arch",
    says="a machine: a tree of components",
    read=describe,
    keys=lambda: frozenset(machine_model().model_fields),
    reads_file=lambda path: Path(path).suffix.lower() == SUFFIX,
    shelf="arch",
    schema=arch_schema,
    starter=starter,
)
