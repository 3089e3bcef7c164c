from __future__ import annotations

import re
import time
from html.parser import HTMLParser

import pytest

from hwsim.report.document import NotAResultError
from hwsim.report.page import render, write_report
from hwsim.spec.errors import InputError

VOID = {"meta", "link", "br", "input"}


class Page(HTMLParser):
    """What the tests ask of a page: its elements with attributes, and whether it nests."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.words: list[str] = []
        self.feed(text)
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] not in ("script", "style"):
            self.words.append(data)

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture(scope="module")
def text(sample):
    return render(sample())


@pytest.fixture(scope="module")
def page(text):
    return Page(text)


def test_the_same_result_gives_the_same_bytes(sample, text):
    assert render(sample()) == text


def test_the_library_is_embedded_once(text):
    assert text.count("plotly.js v") == 1
    assert 4e6 < len(text) < 6e6


def test_the_page_loads_nothing(page):
    assert not [one for _, one in page.elements if "src" in one]
    assert {one["href"] for one in page.all("link")} == {"data:,"}
    policy = next(one["content"] for one in page.all("meta") if one.get("http-equiv"))
    assert policy.startswith("default-src 'none'")


def test_ids_are_unique_and_references_lead_somewhere(page):
    ids = [one["id"] for _, one in page.elements if "id" in one]
    assert len(ids) == len(set(ids))
    wanted = [one["aria-labelledby"] for _, one in page.elements if "aria-labelledby" in one]
    wanted += [one["href"].removeprefix("#") for one in page.all("a")]
    assert set(wanted) <= set(ids)


def test_every_figure_has_a_text_alternative(page):
    plots = [one for one in page.all("div") if one.get("class") == "plot"]
    assert len(plots) >= 10
    assert all(one["role"] == "group" and len(one["aria-label"]) > 40 for one in plots)
    assert len(page.all("details")) == len(plots)


def test_tables_have_captions_and_scopes(page):
    assert len(page.all("caption")) == len(page.all("table"))
    assert all(one.get("scope") in ("col", "row") for one in page.all("th"))


def test_scrolling_regions_can_be_reached_by_keyboard(page):
    regions = [one for one in page.all("div") if one.get("class") == "scroll"]
    assert regions
    assert all(one["tabindex"] == "0" and one["role"] == "region" and one["aria-label"] for one in regions)


def test_every_operator_source_and_hash_is_on_the_page(sample, page):
    result, words = sample(), " ".join(page.words)
    said = [op["name"] for op in result["ops"]] + [op["error_band"] for op in result["ops"]]
    said += [one["source"] for one in result["actions"] + result["constants"]] + result["notes"]
    said += [one["hash"] for one in result["inputs"].values() if one["hash"]]
    assert [one for one in said if one not in words] == []


def test_figures_stand_beside_their_bounds(page):
    words = " ".join(page.words)
    assert "lower bound 208 µs, 1.07 ×" in words
    assert "lower bound 7.07 MB, 1.00 ×" in words


def test_a_long_source_unfolds_and_is_complete(sample):
    result = sample()
    result["constants"][0]["source"] = "derived from a table " * 30
    words = " ".join(Page(render(result)).words)
    assert result["constants"][0]["source"] in words


def test_names_cannot_break_out(sample):
    result = sample()
    evil = '</script><script>window.hacked=1</script><img src=x onerror="window.hacked=1">'
    result["ops"][0] |= {"name": evil, "kind": evil, "bound_by": evil, "error_band": evil, "mapping": evil}
    result |= {"workload": evil, "notes": [evil], "parameters": {evil: evil}}
    result["constants"][0] = {"name": evil, "value": evil, "source": evil}
    page = Page(render(result))
    assert len(page.all("script")) == 3
    assert page.all("img") == []


def test_a_comparison_states_speed_and_energy(sample):
    ours, theirs = sample(clock=1400e6), sample()
    words = " ".join(Page(render(ours, theirs)).words)
    faster = theirs["latency_s"] / ours["latency_s"]
    assert f"{faster:.3g} × as fast" in words
    assert f"{ours['energy_j'] / theirs['energy_j']:.3g} × the energy" in words


def test_a_comparison_shows_what_was_described_differently(sample):
    ours = sample() | {"parameters": {"batch": 8, "sequence": 128}}
    ours["constants"][4]["value"] = "68 GB/s"
    page = Page(render(ours, sample()))
    words = " ".join(page.words)
    assert "workload.batch 8 1" in words
    assert "dram.bandwidth 68 GB/s 34 GB/s" in words
    assert "workload.sequence" not in words


def test_a_comparison_of_mappings_calls_the_runs_by_them(sample):
    ours, theirs = sample(), sample()
    ours["inputs"] = ours["inputs"] | {"mapping": {"name": "fusemax"}}
    theirs["inputs"] = theirs["inputs"] | {"mapping": {"name": "unfused"}}
    words = " ".join(Page(render(ours, theirs)).words)
    assert "this run (fusemax)" in words
    assert "mapping fusemax unfused" in words
    assert "Both runs were described the same" not in words


def test_a_comparison_names_operators_that_only_one_run_has(sample):
    words = " ".join(Page(render(sample(layers=2), sample(layers=1))).words)
    assert "Only in this run: encoder.1.q_proj" in words


def test_comparison_figures_have_their_own_ids(sample):
    ids = [one["id"] for one in Page(render(sample(), sample())).all("div") if one.get("class") == "plot"]
    assert len([one for one in ids if one.startswith("contrast-")]) == 3
    assert len(ids) == len(set(ids))


def test_a_run_without_area_energy_and_sources_still_has_a_page(sample):
    result = sample()
    result |= {
        "area_mm2": None,
        "energy_j": 0.0,
        "dynamic_energy_j": 0.0,
        "leakage_energy_j": 0.0,
        "power_w": 0.0,
    }
    result |= {"actions": [], "constants": [], "notes": [], "technology": None}
    for one in result["components"]:
        one.update(dict.fromkeys(set(one) - {"name", "class", "instances"}))
    for op in result["ops"]:
        op.update(actions=[], energy_j=0.0, error_band=None)
    assert "unknown" in Page(render(result)).words


def test_rendering_two_hundred_operators_takes_less_than_a_second_and_a_half(sample):
    result = sample(layers=18)
    start = time.perf_counter()
    render(result)
    assert time.perf_counter() - start < 1.5


def test_writing_replaces_the_file_and_leaves_nothing_else(sample, tmp_path, text):
    path = tmp_path / "report.html"
    path.write_text("old")
    write_report(sample(), path)
    assert path.read_text(encoding="utf-8") == text
    assert list(tmp_path.iterdir()) == [path]


def test_a_failed_report_leaves_the_old_file(sample, tmp_path):
    path = tmp_path / "report.html"
    path.write_text("old")
    with pytest.raises(NotAResultError):
        write_report(sample() | {"ops": "none"}, path)
    with pytest.raises(InputError):
        write_report(sample(), tmp_path / "missing" / "report.html")
    assert path.read_text() == "old"


def test_styles_and_scripts_cannot_end_early(text):
    assert not re.search(r"</(script|style)", re.sub(r"(?s)</script>|</style>", "", text))
