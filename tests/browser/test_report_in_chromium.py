"""The report as a person meets it: drawn, quiet, offline, by mouse, by keyboard, on a phone, in the dark."""

from __future__ import annotations

import pytest

TAB, ENTER = "\ue004", "\ue007"
ALL = ["small", "large", "compared", "hostile", "attention"]

UNDRAWN = """
  return [...document.querySelectorAll('.plot')].filter((plot) => {
    const marks = plot.querySelectorAll('.bars path, .scatterlayer path, .sankey-link, .textpoint');
    return ![...marks].some((mark) => mark.getBoundingClientRect().width > 0);
  }).map((plot) => plot.id)"""
# Elements that stick out of the window, those inside a region that scrolls left out.
OVERFLOW = """
  return [...document.querySelectorAll('body *')].filter((one) => {
    if (one.closest('.scroll, nav, .skip, script, .plot .js-plotly-tester')) return false;
    return one.getBoundingClientRect().right > window.innerWidth + 1;
  }).map((one) => one.outerHTML.slice(0, 120))"""
# The middle of the largest of the marks.
MIDDLE_OF = """
  const area = (mark) => { const box = mark.getBoundingClientRect(); return box.width * box.height; };
  const mark = [...document.querySelectorAll(arguments[0])].sort((a, b) => area(b) - area(a))[0];
  mark.scrollIntoView({ block: 'center', behavior: 'instant' });
  const box = mark.getBoundingClientRect();
  return [box.left + box.width / 2, box.top + box.height / 2];"""
HOVER = """
  return [...document.querySelectorAll('.hoverlayer .hovertext')].map((one) => one.textContent).join(' ')"""
ACTIVE = "const one = document.activeElement; return one.id || one.textContent.trim()"
COLUMN = """
  const rows = [...document.querySelector(arguments[0]).tBodies[0].rows].filter((row) => !row.hidden);
  return rows.map((row) => row.cells[arguments[1]].dataset.v ?? row.cells[arguments[1]].textContent)"""


MARKS = {
    "#figure-bounds .bars path": "of the latency",
    "#figure-operators .bars path": "× lower bound",
    "#figure-timeline .bars path": "bound by",
    "#figure-stalls .bars path": "cycles",
    "#figure-energy .bars path": "leakage: ",
    "#figure-roofline .points path": "MACs per byte of",
    "#figure-energy-flow .sankey-node rect": "leakage",
    "#figure-utilization .bars path": "of the run",
    "#figure-area .bars path": "mm²",
}


@pytest.mark.parametrize("name", ALL)
def test_the_page_is_quiet_asks_for_nothing_and_draws_every_figure(browser, pages, name):
    browser.open(pages[name])
    assert browser.run("return document.querySelectorAll('.plot').length") >= 10
    assert browser.run(UNDRAWN) == []
    assert browser.complaints() == []
    assert browser.requests() == []
    assert browser.run("return window.hacked ?? null") is None
    assert browser.run("return performance.getEntriesByType('navigation')[0].domComplete") < 10_000


def test_pointing_at_a_mark_shows_a_label(browser, pages):
    browser.open(pages["large"])
    for mark, says in MARKS.items():
        browser.point_at(*browser.run(MIDDLE_OF, mark))
        assert says in browser.run(HOVER), mark


ATTENTION_MARKS = {
    "#figure-attention-cascade .points path": "on ",
    "#figure-attention-tile .bars path": "cycles on array_",
    "#figure-attention-buffer .points path": "tokens",
}


def test_the_figures_of_fused_attention_answer_to_the_mouse(browser, pages):
    browser.open(pages["attention"])
    for mark, says in ATTENTION_MARKS.items():
        browser.point_at(*browser.run(MIDDLE_OF, mark))
        assert says in browser.run(HOVER), mark


def test_the_fused_loop_nest_is_text(browser, pages):
    browser.open(pages["attention"])
    text = browser.run("return document.querySelector('#attention pre').textContent")
    assert "array_2d: BQK" in text
    assert "array_1d: RM" in text


def test_nothing_offers_to_send_data_away(browser, pages):
    browser.open(pages["small"])
    titles = browser.run(
        "return [...document.querySelectorAll('.modebar-btn')].map((one) => one.dataset.title)"
    )
    assert set(titles) == {"Download plot as a PNG", "Zoom", "Pan", "Reset axes"}


@pytest.mark.parametrize("name", ALL)
def test_a_phone_shows_everything_without_scrolling_sideways(browser, pages, name):
    browser.open(pages[name], width=390, mobile=True)
    for width in (390, 320):
        browser.resize(width)
        assert browser.soon("return window.innerWidth", width) == width
        assert browser.soon(OVERFLOW, []) == []
        assert browser.run("return document.documentElement.scrollWidth") <= width
        assert browser.run(UNDRAWN) == []
    assert browser.complaints() == []


def test_turning_the_phone_keeps_the_figures_in_the_window(browser, pages):
    browser.open(pages["small"], width=844, mobile=True)
    browser.resize(390)
    assert browser.soon("return window.innerWidth", 390) == 390
    assert browser.soon(OVERFLOW, []) == []


def test_figures_follow_the_colour_scheme(browser, pages):
    paper = "return getComputedStyle(document.querySelector('#figure-energy .main-svg')).backgroundColor"
    surface = "return getComputedStyle(document.querySelector('figure')).backgroundColor"
    browser.open(pages["small"], scheme="light")
    light = browser.run(paper)
    assert light == browser.run(surface)
    browser.prefer("dark")
    dark = browser.run(surface)
    assert dark != light
    assert browser.soon(paper, dark) == dark
    assert browser.complaints() == []


def test_the_first_tab_reaches_the_skip_link_and_enter_skips_the_navigation(browser, pages):
    browser.open(pages["small"])
    browser.press(TAB)
    assert browser.run(ACTIVE) == "Skip to the results"
    assert browser.run("return document.activeElement.getBoundingClientRect().left") >= 0
    browser.press(ENTER)
    assert browser.run(ACTIVE) == "results"


def test_tab_reaches_every_link_table_and_disclosure(browser, pages):
    browser.open(pages["small"])
    browser.run("""
      const wanted = [...document.querySelectorAll('a, .scroll, summary, thead button, .modebar-btn, input')];
      window.unseen = new Set(wanted.filter((one) => one.checkVisibility()));
      document.addEventListener('focusin', (event) => window.unseen.delete(event.target));""")
    for _ in range(browser.run("return window.unseen.size")):
        browser.press(TAB)
    assert browser.run("return [...window.unseen].map((one) => one.outerHTML.slice(0, 100))") == []


def test_a_figure_opens_as_a_table_by_keyboard(browser, pages):
    browser.open(pages["small"])
    browser.run("document.querySelector('#figure-energy + details summary').focus()")
    browser.press(ENTER)
    assert browser.run("return document.querySelector('#figure-energy + details table').offsetHeight") > 50


def test_sorting_by_keyboard_uses_exact_values_and_says_so(browser, pages):
    browser.open(pages["small"])
    browser.run("document.querySelectorAll('#operators-table thead button')[4].focus()")
    for order, reverse in (("descending", True), ("ascending", False)):
        browser.press(ENTER)
        times = [float(time) for time in browser.run(COLUMN, "#operators-table", 4)]
        assert times == sorted(times, reverse=reverse)
        sorted_by = browser.run("return document.querySelector('#operators-table [aria-sort]').ariaSort")
        assert sorted_by == order


def test_sorting_words_orders_numbers_in_them(browser, pages):
    browser.open(pages["large"])
    browser.run("document.querySelectorAll('#operators-table thead button')[0].click()")
    names = browser.run(
        "return [...document.querySelectorAll('#operators-table tbody th')].map((one) => one.textContent)"
    )
    assert names.index("encoder.9.q_proj") < names.index("encoder.10.q_proj")


def test_searching_leaves_the_rows_that_match(browser, pages):
    browser.open(pages["small"])
    browser.run("document.querySelector('#operators-table-find').focus()")
    browser.press(*"encoder.0. MATMUL")
    kinds = browser.run(COLUMN, "#operators-table", 1)
    assert kinds == ["matmul"] * 8
    assert browser.run("return document.querySelector('.find output').textContent") == "8 of 23 rows"


def test_headings_of_a_long_table_stay_in_sight(browser, pages):
    browser.open(pages["large"])
    offset = browser.run("""
      const region = document.querySelector('#operators-table').closest('.scroll');
      region.scrollTop = 2000;
      const top = (one) => one.getBoundingClientRect().top;
      return top(region.querySelector('thead th')) - top(region)""")
    assert abs(offset) < 2


def test_words_have_enough_contrast_in_both_schemes(browser, pages):
    script = """
      const light = (colour) => {
        const parts = colour.match(/[\\d.]+/g).slice(0, 3).map((part) => part / 255)
          .map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
      };
      const behind = (one) => {
        for (; one; one = one.parentElement) {
          const colour = getComputedStyle(one).backgroundColor;
          if (!/, 0\\)$/.test(colour) && colour !== 'transparent') return colour;
        }
        return 'rgb(255, 255, 255)';
      };
      const weak = [];
      for (const one of document.querySelectorAll(`h1, h2, h3, p, a, dt, dd, td, th, caption, figcaption,
        summary, li, label, output, button, footer`)) {
        const [low, high] = [light(getComputedStyle(one).color), light(behind(one))].sort((a, b) => a - b);
        if ((high + 0.05) / (low + 0.05) < 4.5) weak.push(one.outerHTML.slice(0, 100));
      }
      return weak.slice(0, 5)"""
    for scheme in ("light", "dark"):
        browser.open(pages["compared"], scheme=scheme)
        assert browser.run(script) == []
