"""The page of a study in a browser: click, filter, brush, download; numbers are those of the store."""

from __future__ import annotations

import csv
import io
import time

import pytest
from strategies.small_study import swept

from hwsim.report.studies.page import write_study_report

READY = "return document.documentElement.dataset.explored"
FRONT = "return document.getElementById('front').data"
LEFT = "return document.documentElement.dataset.left"
CHANGE = (
    "const list = document.getElementById(arguments[0]); list.value = arguments[1];"
    "list.dispatchEvent(new Event('change', {bubbles: true}))"
)


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    return swept(tmp_path_factory.mktemp("study"))


@pytest.fixture(scope="module")
def page(found, tmp_path_factory):
    path = tmp_path_factory.mktemp("pages") / "study.html"
    write_study_report(found, path)
    return path


@pytest.fixture
def opened(browser, page):
    browser.open(page)
    assert browser.soon(READY, "true") == "true"
    return browser


def test_the_page_draws_the_numbers_of_the_store_and_asks_for_nothing(opened, found):
    drawn = [
        (x, y)
        for trace in opened.run(FRONT)
        if trace["name"] != "Pareto front"
        for x, y in zip(trace["x"], trace["y"], strict=True)
    ]
    frame = found.results
    assert sorted(drawn) == sorted(zip(frame["latency_s"], frame["energy_j"], strict=True))
    front = next(trace for trace in opened.run(FRONT) if trace["name"] == "Pareto front")
    assert sorted(front["x"]) == sorted(found.pareto()["latency_s"])
    assert [each for each in opened.requests() if not each.startswith(("data:", "blob:"))] == []
    assert [each for each in opened.complaints() if "GL" not in each] == []
    assert "WebGL is not supported" not in opened.run("return document.querySelector('main').innerText")


def test_a_filter_leaves_points_and_the_download_follows(opened, found):
    opened.run(CHANGE, "filter-1", "0")
    frame = found.results[found.results["array.rows"] == 8]
    assert opened.run(LEFT) == str(len(frame))
    rows = list(csv.DictReader(io.StringIO(opened.run("return window.hwsimStudy.csv()"))))
    assert [int(row["position"]) for row in rows] == frame["position"].tolist()
    assert [float(row["latency_s"]) for row in rows] == frame["latency_s"].tolist()
    assert {row["array.rows"] for row in rows} == {"8"}


def test_the_axes_can_be_chosen_also_three(opened, found):
    opened.run(CHANGE, "front-x", "area_mm2")
    opened.run(CHANGE, "front-z", "dram_bytes")
    trace = next(one for one in opened.run(FRONT) if one["name"] == "Pareto front")
    wanted = found.pareto("area_mm2", "energy_j", "dram_bytes")
    assert trace["type"] == "scatter3d"
    assert sorted(zip(trace["x"], trace["z"], strict=True)) == sorted(
        zip(wanted["area_mm2"], wanted["dram_bytes"], strict=True)
    )


def test_a_brush_leaves_what_is_inside(opened, found):
    frame = found.results
    least, most = frame["latency_s"].min(), frame["latency_s"].median()
    place = (
        "document.getElementById('parallel').data[0].dimensions.findIndex((one) => one.key === 'latency_s')"
    )
    change = "Plotly.restyle('parallel', {[`dimensions[${at}].constraintrange`]: [[arguments[0]]]})"
    opened.run(f"const at = {place}; {change}", [float(least), float(most)])
    wanted = str(int(((frame["latency_s"] >= least) & (frame["latency_s"] <= most)).sum()))
    assert opened.soon(LEFT, wanted) == wanted


def test_the_button_downloads_a_file(opened, found, tmp_path):
    opened.driver.execute_cdp_cmd(
        "Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(tmp_path)}
    )
    opened.run("document.getElementById('download').click()")
    end = time.monotonic() + 8
    while not (tmp_path / "points.csv").exists() and time.monotonic() < end:
        time.sleep(0.1)
    rows = list(csv.DictReader((tmp_path / "points.csv").open()))
    assert [float(row["energy_j"]) for row in rows] == found.results["energy_j"].tolist()


def test_the_choices_have_names_and_can_be_reached(opened):
    unnamed = "return [...document.querySelectorAll('select')].filter((one) => !one.labels.length).length"
    assert opened.run(unnamed) == 0
    assert opened.run("return document.getElementById('told').getAttribute('role')") == "status"


def test_figures_follow_the_colour_scheme(opened):
    background = "return document.getElementById('front').layout.paper_bgcolor"
    light = opened.run(background)
    opened.prefer("dark")
    assert opened.soon(f"{background} !== '{light}'", True) is True
    opened.prefer("light")
