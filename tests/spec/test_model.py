"""Typed objects from documents, and what a user is told where the two differ."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from hwsim.spec.document import parse_document
from hwsim.spec.errors import InputError
from hwsim.spec.model import validate
from hwsim.spec.quantity import Bandwidth


def test_document_becomes_typed_object(chip, chip_yaml):
    found = validate(chip, parse_document(chip_yaml, "f.yaml"))
    array, sram = found.parts
    assert (found.clock, found.shape, found.scale, found.dtype) == (7e8, (2, 3), 2.0, "bf16")
    assert (array.class_, array.rows, array.cols, array.dataflow.value) == (
        "systolic_array",
        3,
        4,
        "output_stationary",
    )
    assert (sram.capacity, sram.energy) == (24 * 2**20, 0.2e-12)
    assert sram.bandwidth == Bandwidth(bytes_per_second=34e9)
    assert found.buffers == {"a": 3000}


def test_part_of_a_document(chip, chip_yaml):
    text = f"machine:\n{''.join(f'  {line}' for line in chip_yaml.splitlines(keepends=True))}"
    assert validate(chip, parse_document(text, "f"), ("machine",)) == validate(
        chip, parse_document(chip_yaml, "f")
    )
    with pytest.raises(InputError, match="f:10:13: cols must be greater than 0, got 0"):
        validate(chip, parse_document(text.replace("cols: 4", "cols: 0"), "f"), ("machine",))


def test_json_reads_back(chip, chip_yaml):
    found = validate(chip, parse_document(chip_yaml, "f.yaml"))
    text = found.model_dump_json(by_alias=True)
    assert '"clock":"700 MHz"' in text
    assert chip.model_validate_json(text) == found


def test_typed_objects_are_frozen(chip, chip_yaml):
    found = validate(chip, parse_document(chip_yaml, "f.yaml"))
    with pytest.raises(ValidationError):
        found.name = "y"


CASES = [
    (
        "rows:",
        "rowz:",
        "8:5: unknown key 'rowz'; did you mean 'rows'?",
        "    rowz: {value: 3, source: me}",
        5,
    ),
    (
        "rows:",
        "depth:",
        "7:5: the key 'rows' is missing (and 1 more: line 8); add it: Rows of processing elements.",
        None,
        5,
    ),
    ("    cols: 4\n", "", "7:5: the key 'cols' is missing; add it: Columns of processing elements.", None, 5),
    ("cols: 4", "cols: -3", "9:11: cols must be greater than 0, got -3", "    cols: -3", 11),
    ("cols: 4", "cols: 4.0", "9:11: cols must be a whole number, got 4.0; write 4", None, 11),
    ("cols: 4", "cols: .nan", "9:11: cols must be a whole number, got .nan", None, 11),
    ("cols: 4", "cols: '4'", "9:11: cols must be a whole number, got '4'", None, 11),
    ("cols: 4", "cols:", "9:10: cols must be a whole number, got nothing", None, 10),
    ("class: sram", "class: srm", "11:12: unknown class 'srm'; did you mean 'sram'?", "  - class: srm", 12),
    (
        "class: sram",
        "klass: sram",
        "11:5: the key 'class' is missing; add it: 'sram' or 'systolic_array'",
        "  - klass: sram",
        5,
    ),
    (
        "output_stationary",
        "output-stationary",
        "10:15: dataflow must be 'weight_stationary' or 'output_stationary', got 'output-stationary'; "
        "did you mean 'output_stationary'?",
        None,
        15,
    ),
    ("bf16", "bf15", "4:8: dtype must be 'int8' or 'bf16', got 'bf15'; did you mean 'bf16'?", None, 8),
    ("scale: 2", "scale: .inf", "5:8: scale must be a finite number, got .inf", None, 8),
    ("scale: 2", "scale: -1e999", "5:8: scale must be a finite number, got -.inf", None, 8),
    ("scale: 2", "scale: true", "5:8: scale must be a number, got true", None, 8),
    (
        "scale: 2",
        "scale: x\nq: 3\nr: 2",
        "5:8: scale must be a number, got 'x' (and 2 more: line 6, line 7)",
        None,
        8,
    ),
    ("shape: [2, 3]", "shape: [2]", "3:8: shape must have 2 entries, got 1", "shape: [2]", 8),
    ("shape: [2, 3]", "shape: [2, 3, 4]", "3:8: shape must have at most 2 entries, got a list of 3", None, 8),
    ("shape: [2, 3]", "shape: [2, a]", "3:12: shape[1] must be a whole number, got 'a'", None, 12),
    ("shape: [2, 3]", "shape: 7", "3:8: shape must be a list, got 7", None, 8),
    (
        "shape: [2, 3]",
        "shape: [13, 3]",
        "3:9: shape[0]: the first side must not be 13 {really}; take 12",
        None,
        9,
    ),
    ("shape: [2, 3]", "shape: [14, 3]", "1:1: fourteen of something", "name: x", 1),
    ("name: x", "name: 3", "1:7: name must be text, got 3; quote it", None, 7),
    ("name: x\n", "", "1:1: the key 'name' is missing; add it", "clock: 700 MHz", 1),
    (
        "energy: 0.2 pJ",
        "double_buffered: yes",
        "14:22: double_buffered must be true or false, got 'yes'; write true",
        None,
        22,
    ),
    ("{a: 3 kB}", "3", "15:10: buffers must be a mapping of keys to values, got 3", None, 10),
    (
        "{a: 3 kB}",
        "{a: 3 kHz}",
        "15:14: a: expected a size such as '24 MiB', got a frequency ('3 kHz')",
        None,
        14,
    ),
    ("scale: 2", "width: 2.5", "5:8: width must be a whole number, got 2.5", None, 8),
    (
        "scale: 2",
        "inner: {name: y}",
        "5:1: the key 'clock' is missing; add it: Clock of the whole chip.",
        None,
        1,
    ),
    ("scale: 2", "inner: {nam: y, clock: 1 Hz}", "5:9: unknown key 'nam'; did you mean 'name'?", None, 9),
    ("34 GB/s", "0 B/s", "13:16: bandwidth must be greater than 0, got '0 B/s'", None, 16),
    ("energy: 0.2 pJ", "energy: -1 pJ", "14:13: energy must not be negative, got '-1 pJ'", None, 13),
]


@pytest.mark.parametrize(("old", "new", "expected", "line", "column"), CASES, ids=[case[2] for case in CASES])
def test_message(chip, chip_yaml, old, new, expected, line, column):
    assert old in chip_yaml
    with pytest.raises(InputError) as caught:
        validate(chip, parse_document(chip_yaml.replace(old, new, 1), "f.yaml"))
    message, shown, caret = str(caught.value).split("\n")
    assert message == f"f.yaml:{expected}"
    assert caret == " " * (column + 3) + "^"
    assert line is None or shown == f"    {line}"


def test_file_of_another_shape(chip):
    with pytest.raises(
        InputError, match=r"f:1:1: the file must be a mapping of keys to values, got a list of 1"
    ):
        validate(chip, parse_document("[1]", "f"))


def test_errors_on_the_command_line_come_first(chip, chip_yaml):
    document = parse_document(chip_yaml.replace("name: x", "name: 3"), "f.yaml")
    document = document.with_override("parts.1.capacity", "3 s")
    with pytest.raises(InputError) as caught:
        validate(chip, document)
    assert str(caught.value).splitlines() == [
        "command line:1:24: capacity: expected a size such as '24 MiB', got a time ('3 s') "
        "(and 1 more: line 1)",
        "    --set parts.1.capacity=3 s",
        "                           ^",
    ]


def test_key_named_like_its_class(chip):
    text = "name: x\nclock: 1 Hz\nparts:\n  - class: sram\n    sram: 3\n    capacity: 3\n"
    with pytest.raises(InputError, match=r"f:5:5: unknown key 'sram' \(and 1 more: line 6\)"):
        validate(chip, parse_document(text, "f"))


def test_many_errors_are_counted(chip, chip_yaml):
    more = "".join(f"wrong{n}: 1\n" for n in range(9))
    with pytest.raises(
        InputError, match=r"\(and 8 more: line 17, line 18, line 19, line 20, line 21, \.\.\.\)"
    ):
        validate(chip, parse_document(chip_yaml + more, "f"))


def test_more_errors_than_anyone_reads_are_counted_fast(chip):
    text = "name: x\nclock: 1 Hz\nbuffers:\n" + "".join(f"  b{n}: 1\n" for n in range(5000))
    with pytest.raises(InputError, match=r"f:4:7: b0: expected a size .* \(and 4999 more: line 5, line 6"):
        validate(chip, parse_document(text, "f"))
