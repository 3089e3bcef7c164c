"""Every machine that is shipped: it loads, says where each number comes from, and can be changed anywhere."""

from __future__ import annotations

import json

import pytest

from hwsim.arch.load import apply_overrides, arch_of, load_arch
from hwsim.arch.machine_file import machine_model
from hwsim.spec.document import load_document
from hwsim.spec.library import find, names
from hwsim.spec.model import validate

MACHINES = [entry.name for entry in names("arch")]
SYSTOLIC = {
    "tpu_v1",
    "tpu_v4i",
    "gemmini_default",
    "edge_npu",
    "flat_cloud",
    "flat_edge",
    "fusemax_cloud",
    "fusemax_edge",
}


def test_the_machines_of_the_systolic_room_are_there():
    assert not SYSTOLIC - set(MACHINES)


@pytest.mark.parametrize("name", MACHINES)
def test_named_as_its_file(name):
    assert load_arch(name).name == name


@pytest.mark.parametrize("name", MACHINES)
def test_every_scalar_has_a_source_of_its_own_or_its_component(name):
    document = load_document(find("arch", name))
    assert ("clock",) in document.sources
    assert ("technology",) in document.sources
    for path, value in leaves(document.data["components"], ("components",)):
        if not isinstance(value, list) and path[-1] not in ("class", "source"):
            component = max(i for i, key in enumerate(path) if key == "components") + 1
            around = document.value(path[: component + 1])
            assert path in document.sources or "source" in around, path


@pytest.mark.parametrize("name", MACHINES)
def test_sources_reach_the_components(name):
    arch = load_arch(name)
    assert {key for key, source in arch.sources if source} == {"clock", "technology"}
    for component in arch.walk():
        known = {key.partition(".")[0] for key, source in component.sources if source}
        assert component.attributes.model_fields_set - {"source"} <= known


def leaves(node, path=()):
    if isinstance(node, dict):
        for key, value in node.items():
            yield from leaves(value, (*path, key))
    else:
        yield path, node


def attribute_overrides(name):
    """Each scalar or list below a component, as an override that says the same again."""
    data = load_document(find("arch", name)).data
    for path, value in leaves(data["components"]):
        at = max((i for i, key in enumerate(path) if key == "components"), default=-1) + 1
        component, attribute = path[at], path[at + 1 :]
        if attribute not in (("class",), ("source",)):
            yield f"{component}.{'.'.join(attribute)}={json.dumps(value)}", (component, attribute)


@pytest.mark.parametrize("name", MACHINES)
def test_set_reaches_every_attribute(name):
    document = load_document(find("arch", name))
    overrides = dict(attribute_overrides(name))
    changed = arch_of(apply_overrides(document, tuple(overrides)))
    plain = arch_of(document)
    assert changed.content_hash == plain.content_hash
    for component, attribute in overrides.values():
        assert changed.find(component).source_of(".".join(attribute)) == "command line"
        assert changed.find(component).attributes == plain.find(component).attributes


@pytest.mark.parametrize("name", MACHINES)
def test_set_changes_what_it_names(name):
    for component in load_arch(name).walk():
        changed = load_arch(name, (f"{component.name}.clock=123 MHz", f"{component.name}.area=7 mm^2"))
        assert changed.find(component.name).clock == 123e6
        assert changed.find(component.name).attributes.area == pytest.approx(7e-6)
        assert changed.content_hash != load_arch(name).content_hash


@pytest.mark.parametrize("name", MACHINES)
def test_the_model_takes_the_file_as_it_is(name):
    machine = validate(machine_model(), load_document(find("arch", name)))
    assert machine.name == name
    assert machine.description


@pytest.mark.parametrize(
    ("name", "macs_per_second"),
    [
        ("tpu_v1", 92e12 / 2),  # Jouppi et al. 2017, table 2: 92 TOPS
        ("tpu_v4i", 138e12 / 2),  # Jouppi et al. 2021, table 1: 138 TFLOPS
        ("gemmini_default", 256e9),
        ("flat_cloud", 65536 * 940e6),
    ],
)
def test_peak_rate_is_the_published_one(name, macs_per_second):
    arch = load_arch(name)
    rate = sum(
        part.attributes.rows * part.attributes.columns * part.instances * part.clock
        for part in arch.walk()
        if part.class_name == "systolic_array"
    )
    assert rate == pytest.approx(macs_per_second, rel=0.01)


def test_tpu_v1_paths():
    arch = load_arch("tpu_v1")

    def path(role):
        return [memory.name for memory in arch.memory_path("mxu", role)]

    assert path("input") == ["weight_dram", "unified_buffer"]
    assert path("weight") == ["weight_dram", "weight_fifo"]
    assert path("output") == ["weight_dram", "unified_buffer", "accumulators"]
