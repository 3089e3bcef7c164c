from __future__ import annotations

from xml.etree import ElementTree

from hwsim.mapping.plan_text import nests
from hwsim.pipeline import describe, map_workload
from hwsim.report.nest_picture import nest_pictures

SPACE = "{http://www.w3.org/2000/svg}"


def test_every_loop_and_every_memory_is_a_box_and_boxes_nest():
    machine, network = describe("tpu_v1", "squeezenet")
    found = tuple(nests(map_workload(machine, network), machine))
    tree = ElementTree.fromstring(nest_pictures(found))
    said = [each.text for each in tree.iter(f"{SPACE}text")]
    boxes = list(tree.iter(f"{SPACE}rect"))
    lines = [text for text in said if text.startswith(("for ", "[")) or text.startswith("mxu: ")]
    assert len(boxes) == len(lines)
    assert any(text.startswith("[weight_fifo] weight ") for text in said)
    assert len({name for name, _ in found}) == 26
    dashed = [box for box in boxes if box.get("stroke-dasharray")]
    assert len(dashed) == sum(text.startswith("for ") for text in said) > 0
    for box in dashed:
        inside = [
            each
            for each in boxes
            if float(box.get("y")) < float(each.get("y")) < float(box.get("y")) + float(box.get("height"))
        ]
        assert inside
        assert all(float(each.get("x")) > float(box.get("x")) for each in inside)


def test_names_cannot_break_out():
    picture = nest_pictures((("<b>&", ('[<m>] weight "x": N=1', "e: N=1")),))
    assert ElementTree.fromstring(picture) is not None
