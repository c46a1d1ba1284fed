"""The report as its readers meet it: in Chromium, from the file system."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from harness.programs import find
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import Select, WebDriverWait

pytestmark = pytest.mark.timeout(90)

WINDOW = (1400, 1000)
WITHIN = 20.0
"""Seconds that the browser may take for what it does by itself."""

Command = Callable[..., int]


@contextmanager
def chromium(profile: Path, *options: str, scripts: bool = True) -> Iterator[webdriver.Chrome]:
    """Run a browser that asks nobody for anything."""
    chosen = webdriver.ChromeOptions()
    chosen.binary_location = find("chromium")
    width, height = WINDOW
    for option in (
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-dev-shm-usage",
        "--force-device-scale-factor=1",
        f"--window-size={width},{height}",
        f"--user-data-dir={profile}",
        *options,
    ):
        chosen.add_argument(option)
    if not scripts:
        setting = "profile.managed_default_content_settings.javascript"
        chosen.add_experimental_option("prefs", {setting: 2})
    browser = webdriver.Chrome(chosen, webdriver.ChromeService(find("chromedriver")))
    try:
        yield browser
    finally:
        browser.quit()


@pytest.fixture
def page(wire: Path, command: Command) -> str:
    """The address of a report."""
    command("report", wire / "matrix.json", "--oracle", wire / "oracle.json")
    return (wire / "generated/reference/conformance.html").as_uri()


@pytest.fixture
def browser(page: str, tmp_path: Path) -> Iterator[webdriver.Chrome]:
    """A browser with the report, which has nothing to complain of in the end."""
    with chromium(tmp_path / "profile") as browser:
        browser.get(page)
        yield browser
        said = browser.execute("getLog", {"type": "browser"})["value"]  # `get_log` has no types
        assert said == []


def shown(browser: webdriver.Chrome, selector: str) -> list[str]:
    """Return the ids of the elements that can be seen."""
    elements = browser.find_elements(By.CSS_SELECTOR, selector)
    return [element.get_dom_attribute("id") or "" for element in elements if element.is_displayed()]


def scenarios(browser: webdriver.Chrome) -> list[str]:
    return shown(browser, "tr.scenario")


def control(browser: webdriver.Chrome, name: str) -> WebElement:
    return browser.find_element(By.NAME, name)


def choose(browser: webdriver.Chrome, name: str, value: str) -> None:
    Select(control(browser, name)).select_by_visible_text(value)


def count(browser: webdriver.Chrome) -> str:
    return browser.find_element(By.ID, "shown").text


def test_filters_change_rows_and_counts(browser: webdriver.Chrome) -> None:
    assert len(scenarios(browser)) == 6
    assert count(browser) == "6 of 6 scenarios, 5 of 5 statements"

    choose(browser, "symbol", "recv")
    every = ["recv.receives.1", "recv.receives.2", "recv.loses-nothing.1"]
    assert scenarios(browser) == every
    assert count(browser) == "3 of 6 scenarios, 2 of 5 statements"
    assert shown(browser, "tbody.statement") == ["recv.receives", "recv.loses-nothing"]

    choose(browser, "transport", "tls13")
    assert scenarios(browser) == ["recv.receives.1", "recv.loses-nothing.1"]

    choose(browser, "nim", "departs")
    assert scenarios(browser) == ["recv.loses-nothing.1"]
    assert browser.current_url.endswith("#symbol=recv&transport=tls13&nim=departs")

    choose(browser, "transport", "psk12")
    assert scenarios(browser) == []
    assert browser.find_element(By.ID, "nothing").is_displayed()
    assert count(browser) == "0 of 6 scenarios, 0 of 5 statements"

    browser.find_element(By.CSS_SELECTOR, "button[type=reset]").click()
    WebDriverWait(browser, WITHIN).until(lambda b: len(scenarios(b)) == 6)
    assert count(browser) == "6 of 6 scenarios, 5 of 5 statements"


def test_a_result_is_that_of_the_chosen_transport(browser: webdriver.Chrome) -> None:
    choose(browser, "result", "failed")
    assert scenarios(browser) == ["recv.receives.1"]
    choose(browser, "transport", "tcp")
    assert scenarios(browser) == []
    choose(browser, "transport", "tls12")
    assert scenarios(browser) == ["recv.receives.1"]
    choose(browser, "transport", "all")
    choose(browser, "result", "untested")
    assert shown(browser, "tbody.statement") == ["wire.blocks"]
    assert count(browser) == "0 of 6 scenarios, 1 of 5 statements"


def test_words_are_searched_from_the_keyboard(browser: webdriver.Chrome) -> None:
    browser.find_element(By.TAG_NAME, "body").send_keys("/")
    assert browser.switch_to.active_element == control(browser, "words")
    for words, found in (
        ("<CLOCK timed", ["recv.loses-nothing.1"]),
        ("<clock <script>alert", []),
        ("<script>alert", ["send_all.sends.1"]),
    ):
        browser.switch_to.active_element.send_keys(words)
        assert scenarios(browser) == found
        browser.switch_to.active_element.send_keys(Keys.CONTROL + "a" + Keys.NULL + Keys.DELETE)
    assert len(scenarios(browser)) == 6


def test_a_filtered_view_has_a_link(browser: webdriver.Chrome, page: str) -> None:
    browser.get(f"{page}#nim=unexpected&words=wire+delivers")
    WebDriverWait(browser, WITHIN).until(lambda b: scenarios(b) == ["recv.receives.2"])
    assert Select(control(browser, "nim")).first_selected_option.text == "unexpected"
    assert control(browser, "words").get_property("value") == "wire delivers"
    # A link to a scenario that the filters hide shows it, whatever was chosen.
    browser.find_element(By.CSS_SELECTOR, "#to-look-at a").click()
    WebDriverWait(browser, WITHIN).until(lambda b: "recv.receives.1" in scenarios(b))
    steps = browser.find_element(By.ID, "recv.receives.1").find_element(By.TAG_NAME, "dl")
    assert steps.is_displayed()


def test_a_link_leads_to_the_line_of_the_specification(
    browser: webdriver.Chrome, wire: Path
) -> None:
    statement = browser.find_element(By.ID, "recv.loses-nothing")
    link = statement.find_element(By.CSS_SELECTOR, ".says a.place")
    number = int(link.text.rpartition(":")[2])
    assert link.text == f"spec/net/wire.yaml:{number}"
    link.click()
    WebDriverWait(browser, WITHIN).until(lambda b: b.title == "spec/net/wire.yaml")
    line = browser.find_element(By.CSS_SELECTOR, ".line:target")
    written = (wire / "spec/net/wire.yaml").read_text(encoding="utf-8").splitlines()[number - 1]
    assert line.find_element(By.TAG_NAME, "code").get_property("textContent") == written
    assert "id: recv.loses-nothing" in written
    top = browser.execute_script("return arguments[0].getBoundingClientRect().top", line)
    assert 0 <= top < WINDOW[1]


def test_without_javascript_everything_is_there(page: str, tmp_path: Path) -> None:
    with chromium(tmp_path / "profile", scripts=False) as browser:
        browser.get(page)
        assert not browser.find_element(By.ID, "filters").is_displayed()
        assert len(scenarios(browser)) == 6
        browser.find_element(By.CSS_SELECTOR, "[id='recv.loses-nothing.1'] summary").click()
        text = browser.find_element(By.TAG_NAME, "main").text
    for words in (
        "Calls block, as <b>old</b> wires & people do.",
        "Untested: That a call blocks shows in every other scenario.",
        "✗ 2/4",
        "E     <01> & more",
        'sends "01"',
        'recv/2(size=4, timeout=10000), returns "0123"',
        'Nim on tcp: step 3 returns "23" — A call that times out must lose nothing.',
        'Nim, unexpectedly on unix: step 1 returns "0"',
        "Later wires have another <clock>.",
    ):
        assert words in text


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_it_is_drawn(page: str, tmp_path: Path, dark: bool) -> None:
    options = ("--blink-settings=preferredColorScheme=0",) if dark else ()
    with chromium(tmp_path / "profile", *options) as browser:
        browser.get(page)
        inner = browser.execute_script("return [innerWidth, innerHeight]")
        paper = browser.execute_script("return getComputedStyle(document.body).backgroundColor")
        picture = browser.get_screenshot_as_png()
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    assert list(struct.unpack(">II", picture[16:24])) == inner
    assert inner[0] == WINDOW[0]
    assert len(picture) > 20_000, "an empty page takes a few thousand bytes"
    assert paper == ("rgb(20, 23, 27)" if dark else "rgb(255, 255, 255)")
