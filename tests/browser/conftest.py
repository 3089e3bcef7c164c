"""Headless Chromium that reaches nothing but files, and the reports it opens."""

from __future__ import annotations

import importlib.util
import json
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hwsim.pipeline import simulate
from hwsim.report.page import write_report

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1280,900",
)
SAMPLE = Path(__file__).parents[1] / "report" / "sample_result.py"


def sample(**shape: Any) -> dict[str, Any]:
    """The sample result that the tests of the report use."""
    spec = importlib.util.spec_from_file_location("sample_result", SAMPLE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    result: dict[str, Any] = module.sample(**shape)
    return result


class Browser:
    """A browser with the few things the tests do."""

    def __init__(self, driver: Any) -> None:
        self.driver = driver
        self.opened = ""

    def open(self, path: Path, width: int = 1280, scheme: str = "light", mobile: bool = False) -> None:
        """Open a page of the given width (and a phone's touch screen) in a colour scheme."""
        self.resize(width, mobile)
        self.driver.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", {"enabled": mobile})
        self.prefer(scheme)
        self.opened = path.as_uri()
        self.driver.get_log("browser")
        self.driver.get_log("performance")
        self.driver.get(self.opened)

    def resize(self, width: int, mobile: bool = True) -> None:
        """Change the width of the window."""
        size = {"width": width, "height": 844, "deviceScaleFactor": 1, "mobile": mobile}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)

    def soon(self, script: str, wanted: Any, patience_s: float = 8.0) -> Any:
        """What the script returns as soon as it is ``wanted``, or at last: figures change size late."""
        end = time.monotonic() + patience_s
        while (found := self.run(script)) != wanted and time.monotonic() < end:
            time.sleep(0.1)
        return found

    def prefer(self, scheme: str) -> None:
        """Change the colour scheme of the system."""
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})

    def run(self, script: str, *arguments: Any) -> Any:
        """What a piece of JavaScript returns."""
        return self.driver.execute_script(script, *arguments)

    def complaints(self) -> list[str]:
        """Everything the console said since the page was opened."""
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def requests(self) -> list[str]:
        """Every address asked for since the page was opened, the page itself left out."""
        messages = [json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")]
        sent = [one["params"] for one in messages if one["method"] == "Network.requestWillBeSent"]
        return [one["request"]["url"] for one in sent if one["request"]["url"].split("#")[0] != self.opened]

    def press(self, *keys: str) -> None:
        """Press keys one after the other."""
        for key in keys:
            self.driver.switch_to.active_element.send_keys(key)

    def point_at(self, x: float, y: float) -> None:
        """Move the mouse to a place in the window."""
        for step in (3, 0):
            self.driver.execute_cdp_cmd(
                "Input.dispatchMouseEvent", {"type": "mouseMoved", "x": x + step, "y": y + step}
            )


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    if CHROMIUM is None or DRIVER is None:
        pytest.skip("no chromium and chromedriver here (Debian: apt-get install chromium chromium-driver)")
    webdriver = pytest.importorskip(
        "selenium.webdriver", reason="selenium is not installed: pip install hwsim[dev]"
    )
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    yield Browser(driver)
    driver.quit()


@pytest.fixture(scope="session")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Reports by name: a small run, 1,211 operators, two runs compared, hostile names, fused attention."""
    evil = "<img src=x onerror=window.hacked=1></script><script>window.hacked=1</script>"
    hostile = sample(layers=1)
    hostile["ops"][0] |= {"name": evil, "kind": evil, "bound_by": evil, "mapping": evil}
    hostile["notes"] = [evil]
    results = {
        "small": (sample(layers=2), None),
        "large": (sample(layers=110), None),
        "compared": (sample(layers=2, clock=1.4e9), sample(layers=2)),
        "hostile": (hostile, None),
        "attention": (simulate("fusemax_cloud", "t5_small", "fusemax").json, None),
    }
    folder = tmp_path_factory.mktemp("pages")
    for name, (result, other) in results.items():
        write_report(result, folder / f"{name}.html", other)
    return {name: folder / f"{name}.html" for name in results}
