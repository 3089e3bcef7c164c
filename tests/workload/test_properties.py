"""What holds for every workload, random or shipped."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from strategies.workloads import workload_texts, workloads

from hwsim.spec.document import parse_document
from hwsim.spec.library import names
from hwsim.workload.contraction import as_matmul
from hwsim.workload.explicit import build_explicit
from hwsim.workload.layers.work import FUNCTIONS
from hwsim.workload.load import load_workload

NAMES = [entry.name for entry in names("workload")]


def check(workload):
    """Every operator fits its tensors and comes after what it reads; nothing is free."""
    written = set()
    for op in workload.operators:
        assert op.outputs
        for part in op.inputs:
            tensor = workload.tensors[part.tensor]
            assert part.tensor in written or tensor.kind in ("input", "weight", "state"), (
                op.name,
                part.tensor,
            )
        written.update(part.tensor for part in op.outputs)
        if op.is_contraction:
            check_contraction(workload, op)
        else:
            assert op.functions, f"{op.name} costs nothing"
            assert {name for name, _ in op.functions} <= set(FUNCTIONS)
            assert all(count > 0 for _, count in op.functions)
        for tensor, fraction in op.touched:
            assert 0 < fraction <= 1
            assert tensor in {part.tensor for part in (*op.inputs, *op.outputs)}
    for tensor in workload.tensors.values():
        assert (tensor.name in written) or tensor.kind in ("input", "weight", "state")


def check_contraction(workload, op):
    assert 0 < op.macs <= op.points
    sizes = dict(op.ranks)
    for part in (*op.inputs, *op.outputs):
        tensor = workload.tensors[part.tensor]
        assert len(part.coordinates) == len(tensor.shape), (op.name, tensor)
        for coordinate, size in zip(part.coordinates, tensor.shape, strict=True):
            extent = (
                coordinate.offset + sum(factor * (sizes[rank] - 1) for rank, factor in coordinate.terms) + 1
            )
            plain = len(coordinate.terms) < 2
            assert (
                extent <= size
                if plain
                else extent - size <= sum(factor for _, factor in coordinate.terms) * 4
            )
    matmul = as_matmul(op, workload.tensors[op.inputs[0].tensor].shape)
    assert matmul.points == op.points


@given(workloads())
@settings(max_examples=60, deadline=None)
def test_random_workloads_fit_together(workload):
    check(workload)


@pytest.mark.parametrize("name", NAMES)
def test_shipped_workloads_fit_together(name):
    check(load_workload(name))


@given(workload_texts())
@settings(max_examples=30, deadline=None)
def test_a_text_means_one_workload(text):
    first, second = (build_explicit(parse_document(text, "w.yaml")) for _ in range(2))
    assert first == second
    assert first.content_hash == second.content_hash


@given(workload_texts())
@settings(max_examples=30, deadline=None)
def test_twice_the_batch_is_twice_the_work(text):
    document = parse_document(text, "w.yaml")
    batch = document.data["parameters"]["batch"]
    once = build_explicit(document)
    twice = build_explicit(document.with_override("parameters.batch", str(2 * batch)))
    assert twice.macs == 2 * once.macs
    assert twice.parameter_count == once.parameter_count


@given(workloads())
@settings(max_examples=30, deadline=None)
def test_datatypes_make_bytes(workload):
    typed = workload.with_datatype("int4")
    for tensor in typed.tensors.values():
        assert tensor.bytes == math.ceil(tensor.elements * tensor.bits / 8)
