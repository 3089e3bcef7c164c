from __future__ import annotations

import io

import pytest
from rich.console import Console

from hwsim.report.console import MOST_ROWS, print_result
from hwsim.report.notebook import html


def printed(result, **options) -> str:
    stream = io.StringIO()
    print_result(result, Console(file=stream, **options))
    return stream.getvalue()


def test_every_operator_has_its_line_with_time_bound_energy_and_band(sample):
    lines = printed(sample()).splitlines()
    line = next(one for one in lines if "encoder.1.up_proj" in one)
    assert line.split()[:7] == ["encoder.1.up_proj", "array", "30.8", "µs", "dram", "1.00", "70.0"]
    assert "±0 % cycles (SCALE-Sim, 136 cases)" in line


def test_totals_stand_beside_their_bounds(sample):
    text = printed(sample())
    assert "latency   223 µs     lower bound 208 µs, 1.07 x" in text
    assert "DRAM      7.07 MB    lower bound 7.07 MB, 1.00 x" in text
    assert "note: softmax and layer_norm" in text


def test_many_operators_fit_in_forty_lines_that_add_up(sample):
    result = sample(layers=5)
    for number, op in enumerate(result["ops"]):
        op["name"] = "".join(chr(ord("a") + int(digit)) for digit in str(number))
    lines = [
        one for one in printed(result).splitlines() if " compute " in one or " dram " in one or "…" in one
    ]
    assert len(lines) == MOST_ROWS
    assert f"… {len(result['ops']) - MOST_ROWS + 1} more operators" in lines[-1]


def test_a_pipe_gets_no_control_codes_and_no_cut_names(sample, monkeypatch):
    monkeypatch.delenv("COLUMNS", raising=False)
    text = printed(sample(), width=40)
    assert "\x1b" not in text
    assert "encoder.1.down_proj" in text
    assert "136 cases)" in text


@pytest.mark.parametrize(("width", "without"), [(90, "136 cases)"), (66, " 70.0 µJ "), (50, " 70.0 µJ ")])
def test_a_narrow_terminal_has_fewer_columns_but_whole_names(sample, width, without):
    text = printed(sample(), width=width, force_terminal=True, color_system=None)
    assert text.count(" 30.8 µs ") == 4
    assert without not in text
    assert "encoder.1.down_proj " in text
    table = text[: text.index("latency ")].splitlines()[1:]
    assert max(map(len, table)) <= width


def test_a_pipe_is_as_wide_as_columns_says(sample, monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    assert "136 cases)" not in printed(sample())


def test_no_color_leaves_plain_text(sample, monkeypatch):
    assert "\x1b" in printed(sample(), force_terminal=True)
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in printed(sample(), force_terminal=True)


def test_markup_in_names_is_text(sample):
    result = sample() | {"notes": ["a [bold]note[/bold] [/oops]"]}
    result["ops"][0]["name"] = "[red]op[/]"
    text = printed(result)
    assert "[red]op[/]" in text
    assert "[bold]note[/bold] [/oops]" in text


def test_the_notebook_view_has_totals_and_operators_and_no_script(sample):
    view = html(sample())
    assert "encoder on tpu_like" in view
    assert "lower bound 208 µs" in view
    assert "classifier" in view
    assert "<script" not in view
    assert len(view) < 20_000


def test_the_notebook_view_escapes_names(sample):
    result = sample()
    result["ops"][0]["name"] = "<script>"
    assert "<script>" not in html(result)
