"""The report in a browser without a screen: every page, every click, no request."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from sma_benchmarks.report import formats, render
from sma_benchmarks.report.pages import PAGES
from sma_benchmarks.scores import Scores
from sma_benchmarks.store import LOGS

webdriver = pytest.importorskip(
    "selenium.webdriver", reason="selenium is not installed"
)

from selenium.webdriver.chrome.options import Options  # noqa: E402
from selenium.webdriver.chrome.service import Service  # noqa: E402
from selenium.webdriver.chrome.webdriver import WebDriver  # noqa: E402
from selenium.webdriver.common.by import By  # noqa: E402
from selenium.webdriver.common.keys import Keys  # noqa: E402
from selenium.webdriver.support.ui import Select  # noqa: E402

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
QUIET = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--window-size=1300,900",
)  # fmt: skip
LOCAL = ("file:", "data:", "blob:")
FAST, TIGHT = "fast", "tree[formulation=tight]"


@pytest.fixture(scope="module")
def browser(
    golden: Scores, run: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[WebDriver]:
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    driver = shutil.which("chromedriver")
    if program is None or driver is None:
        pytest.skip("no chromium and chromedriver on the path")
    report = tmp_path_factory.mktemp("browser") / "report.html"
    render.html(golden, report, [run / LOGS])
    options = Options()
    options.binary_location = program
    for argument in QUIET:
        options.add_argument(argument)
    logs = {"browser": "ALL", "performance": "ALL"}
    options.set_capability("goog:loggingPrefs", logs)
    found = WebDriver(options=options, service=Service(driver))
    found.get(report.as_uri())
    yield found
    found.quit()


def go(browser: WebDriver, place: str) -> None:
    browser.execute_script("location.hash = arguments[0]", place)


def logged(browser: WebDriver, kind: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = browser.get_log(kind)  # type: ignore[no-untyped-call]
    return found


def shown(browser: WebDriver) -> list[str]:
    return [
        str(part.get_attribute("id"))
        for part in browser.find_elements(By.CSS_SELECTOR, "section.page")
        if part.is_displayed()
    ]


def rows(browser: WebDriver, section: str, caption: str) -> dict[str, dict[str, str]]:
    """Cells of the visible table of a caption, by their first cell and heading."""
    found: dict[str, dict[str, str]] = browser.execute_script(
        """
        const tables = [...document.querySelectorAll(`#${arguments[0]} .table`)];
        const mine = tables.find((part) => part.offsetParent
          && part.querySelector("h2").textContent === arguments[1]);
        const title = (head) => head.innerText.replace(/[↑↓]/g, "")
          .replace(/\\s+/g, " ").trim();
        const heads = [...mine.querySelectorAll("thead th")].map(title);
        return Object.fromEntries([...mine.querySelectorAll("tbody tr")].map((row) => [
          row.cells[0].innerText,
          Object.fromEntries(heads.map((head, i) => [head, row.cells[i].innerText])),
        ]));
        """,
        section,
        caption,
    )
    return found


def test_every_page_opens_by_a_click(browser: WebDriver) -> None:
    links = browser.find_elements(By.CSS_SELECTOR, ".pages a")
    assert len(links) == len(PAGES)
    for link, anchor in zip(links, PAGES, strict=True):
        link.click()
        assert shown(browser) == [anchor]
        assert link.get_attribute("aria-current") == "page"


def test_pages_open_by_keys(browser: WebDriver) -> None:
    first = browser.find_element(By.CSS_SELECTOR, ".pages a")
    browser.execute_script("arguments[0].focus()", first)
    browser.switch_to.active_element.send_keys(Keys.ARROW_DOWN)
    browser.switch_to.active_element.send_keys(Keys.ENTER)
    assert shown(browser) == ["quality"]
    pills = browser.find_elements(By.CSS_SELECTOR, "#quality .tabs input")
    pills[0].send_keys(Keys.ARROW_RIGHT)
    assert pills[1].is_selected()
    options = browser.find_elements(By.CSS_SELECTOR, "#quality .choice > .option")
    shown_now = [option.is_displayed() for option in options]
    assert shown_now == [i == 1 for i in range(len(options))]


def test_the_summary_shows_the_scores(browser: WebDriver, golden: Scores) -> None:
    go(browser, "choose")
    cells = rows(browser, "choose", "Every method, best first")
    for row in golden.methods.to_dict("records"):
        mine = cells[str(row["method"])]
        assert mine["Regret bp"] == formats.bp(row["regret_bp"])
        assert mine["Time to target s"] == formats.significant(row["time_s"])
        assert mine["Verified %"] == formats.percent(row["verified"])


def test_the_chooser_answers_its_questions(browser: WebDriver) -> None:
    go(browser, "choose")

    def cards() -> list[str]:
        found = browser.find_elements(By.CSS_SELECTOR, "#shortlist .card")
        return [str(card.get_attribute("data-method")) for card in found]

    def ask(name: str, value: str) -> None:
        field = browser.find_element(By.NAME, name)
        field.clear()
        field.send_keys(value)

    assert cards() == [FAST, TIGHT]
    ask("regret", "0.2")
    assert cards() == [TIGHT]
    ask("regret", "1")
    ask("time", "2.5")
    assert cards() == [FAST, TIGHT]
    card = browser.find_elements(By.CSS_SELECTOR, "#shortlist .card")[1].text
    for words in ("on 2 of 3 instances", "slowest 4.00 s", "2 of 3 solves", "too few"):
        assert words in card
    ask("regret", "0.2")
    ask("time", "0.01")
    assert cards() == []
    assert "allow more time" in browser.find_element(By.ID, "shortlist").text
    ask("time", "10")
    ask("regret", "1")
    browser.find_element(By.NAME, "warm").click()
    assert cards() == [FAST]
    browser.find_element(By.NAME, "warm").click()
    licence = Select(browser.find_element(By.NAME, "licence"))
    licence.select_by_visible_text("no licence found")
    assert cards() == []
    licence.select_by_visible_text("any")
    browser.find_element(By.CSS_SELECTOR, "#shortlist summary").click()
    reasons = browser.find_element(By.ID, "shortlist").text
    assert "liar: 3 wrong answers on such instances" in reasons
    browser.find_element(By.CSS_SELECTOR, "#shortlist .card p a").click()
    assert shown(browser) == ["made"]


def test_targets_and_penalties_change_the_table(browser: WebDriver) -> None:
    go(browser, "profiles")
    pills = browser.find_elements(By.CSS_SELECTOR, "#profiles > .choice > .tabs label")
    before = rows(browser, "profiles", "PAR2: twice the limit")
    pills[-1].click()  # 10 bp: the loose formulation is near enough
    after = rows(browser, "profiles", "PAR2: twice the limit")
    loose = "tree[formulation=loose]"
    assert before[loose]["Reached instances"] == "0"
    assert after[loose]["Reached instances"] == "3"
    for label in browser.find_elements(
        By.CSS_SELECTOR, "#profiles .option .tabs label"
    ):
        if label.is_displayed() and label.text == "PAR10":
            label.click()
    weak = rows(browser, "profiles", "PAR10: ten times the limit")["peer:weak"]
    assert weak["Shifted geometric mean s"] == "100"


def test_a_failure_shows_its_message_and_its_log(browser: WebDriver) -> None:
    go(browser, "failures")
    cell = '.cell[data-method="liar"][data-family="names"]'
    browser.find_element(By.CSS_SELECTOR, cell).click()
    found = browser.find_element(By.ID, "failed")
    assert "3 of 3 not verified" in found.text
    assert '</script><script>alert("log")</script>' in found.text
    found.find_element(By.TAG_NAME, "summary").click()
    assert "first words" in found.text


def test_instances_and_solvers_show_their_rows(
    browser: WebDriver, golden: Scores
) -> None:
    go(browser, "instances")
    browser.find_element(By.LINK_TEXT, "names:n=200").click()
    assert shown(browser) == ["made"]
    runs = golden.runs
    cells = rows(browser, "made", "All solves")
    mine = runs[runs["instance"] == "names:n=200"]
    assert len(cells) == len(mine)
    for row in mine.to_dict("records"):
        shown_row = cells[str(row["row_id"])[:12]]
        assert shown_row["Tracking error bp"] == formats.bp(row["te_bp"])
        assert shown_row["Certified gap %"] == formats.fine_percent(row["gap"])
        assert shown_row["Whole time s"] == formats.significant(row["wall_s"])
        assert shown_row["Outcome"] == row["outcome"]
    go(browser, f"solver={quote(TIGHT)}")
    assert browser.find_element(By.CSS_SELECTOR, "#made h1").text == TIGHT
    assert len(rows(browser, "made", "All solves")) == (runs["method"] == TIGHT).sum()
    go(browser, f"solve={mine['row_id'].iloc[0][:12]}")
    every = rows(browser, "made", "Every column of the row")
    assert every["row_id"]["Value"] == mine["row_id"].iloc[0]
    go(browser, "instance=nobody")
    assert "no solve of that name" in browser.find_element(By.ID, "made").text


def test_tables_sort_and_filter(browser: WebDriver) -> None:
    go(browser, "scaling")
    head = browser.find_elements(By.CSS_SELECTOR, "#scaling thead button")[2]
    cells = "#scaling tbody td:nth-child(3)"

    def column() -> list[str]:
        found = browser.find_elements(By.CSS_SELECTOR, cells)
        return [cell.text for cell in found if cell.is_displayed()]

    head.click()
    assert column()[0] == "0.93"
    head.click()
    assert column()[0] == "1.00"
    assert column()[-1] == formats.NONE  # last whichever way
    search = browser.find_element(By.CSS_SELECTOR, "#scaling input[type=search]")
    search.send_keys("tight solve")
    assert column() == ["1.00"]
    search.clear()


def test_a_method_can_be_pointed_out_and_the_page_darkened(browser: WebDriver) -> None:
    go(browser, "anytime")
    key = f'#anytime .legend button[data-name="{FAST}"]'
    browser.find_element(By.CSS_SELECTOR, key).click()
    away = browser.find_elements(By.CSS_SELECTOR, "#anytime .series.away")
    assert away
    assert all(one.get_attribute("data-name") != FAST for one in away)
    browser.find_element(By.CSS_SELECTOR, key).click()
    paper = "return getComputedStyle(document.body).backgroundColor"
    light = browser.execute_script(paper)
    browser.find_element(By.ID, "theme").click()
    assert browser.execute_script(paper) != light


def test_zzz_no_error_and_no_request_left_the_machine(browser: WebDriver) -> None:
    assert logged(browser, "browser") == []
    messages = [
        json.loads(entry["message"])["message"]
        for entry in logged(browser, "performance")
    ]
    asked = [
        str(message["params"]["request"]["url"])
        for message in messages
        if message["method"] == "Network.requestWillBeSent"
    ]
    assert asked  # the report itself
    assert all(url.startswith(LOCAL) for url in asked)
