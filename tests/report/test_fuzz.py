"""Results that someone edited by hand: a page, or one message that names the place; never a traceback."""

from __future__ import annotations

import copy
import io

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.console import Console

from hwsim.report.console import print_result
from hwsim.report.document import NotAResultError
from hwsim.report.explain import explain
from hwsim.report.notebook import html
from hwsim.report.page import render
from hwsim.report.perfetto import trace

VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**20), 10**20),
    st.floats(),
    st.sampled_from(["", "x", "<b>", "\u2028", "\x00", "é" * 300, [], {}, [[]], {"x": 1}]),
    st.sampled_from([0, 0.0, 1e-320, 1e-40, 1e40, 1e308]),
)


def spoil(value, data):
    """Replace or remove one value somewhere in a document."""
    while isinstance(value, dict | list) and value:
        key = data.draw(st.sampled_from(sorted(value) if isinstance(value, dict) else range(len(value))))
        if not isinstance(value[key], dict | list) or data.draw(st.integers(0, 3)) == 0:
            break
        value = value[key]
    else:
        return
    if data.draw(st.booleans()):
        value[key] = data.draw(VALUES)
    else:
        del value[key]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_spoilt_result_is_shown_or_refused(sample, data):
    result = copy.deepcopy(sample(layers=1))
    for _ in range(data.draw(st.integers(1, 3))):
        spoil(result, data)
    try:
        assert render(result, sample(layers=1)).endswith("</html>")
    except NotAResultError as error:
        assert error.message.startswith("this is not an hwsim result: ")
        return
    assert html(result)
    assert trace(result)
    print_result(result, Console(file=io.StringIO()))
    for what in ("latency", "energy", "area", "utilization", "dram_bytes", "lower_bound", "power", "macs"):
        assert explain(result, what).as_json()
