"""The report in a browser without a screen: every page, every click, no request."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from sma_benchmarks.race import counted, race
from sma_benchmarks.report import formats, render
from sma_benchmarks.report.pages import PAGES
from sma_benchmarks.report.racing import ROPE_TIME
from sma_benchmarks.scores import Scores
from sma_benchmarks.statistics import Penalty, penalised
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


@pytest.fixture
def contested(
    browser: WebDriver, contest: Scores, tmp_path: Path
) -> Iterator[WebDriver]:
    """The report of the contest; the other one is open again afterwards."""
    before = browser.current_url.partition("#")[0]
    report = tmp_path / "contest.html"
    render.html(contest, report)
    browser.get(report.as_uri())
    yield browser
    browser.get(before)


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


def test_the_shortlist_says_how_sure_its_order_is(
    contested: WebDriver, contest: Scores
) -> None:
    cells = rows(contested, "choose", "Probability of being the fastest")
    names = ["patchy", "quick", "steady"]
    times, limits, instances, methods = contest.times()
    found = times[:, [methods.index(name) for name in names]]
    families = [name.partition(":")[0] for name in instances]
    ended = race(
        penalised(found, limits, Penalty.PAR2),
        counted(families),
        shift=contest.shift_s,
        rope=ROPE_TIME,
    )
    for j, name in enumerate(names):
        mine = cells[name]
        assert mine["P(best) %"] == formats.percent(ended.best[j])
        assert mine["Tie group"] == formats.count(ended.group[j])
        assert mine["Time to target s"] == formats.significant(ended.mean[j])
    assert cells["patchy"]["Reached 6 instances"] == "5"
    shown = contested.find_element(By.ID, "shortlist").text
    assert "1 method of the list, tried on less than half of the instances" in shown
    assert "1 wrong answer" in contested.execute_script(
        "return document.querySelector('#shortlist details').textContent"
    )
    cards = [
        card.get_attribute("data-method")
        for card in contested.find_elements(By.CSS_SELECTOR, "#shortlist .card")
    ]
    # The fastest of all was tried on two of six instances: it stands last.
    in_order = [names[j] for j in ended.mean.argsort(kind="stable")]
    assert cards == [*in_order, "tried twice"]
    family = Select(contested.find_element(By.NAME, "family"))
    family.select_by_visible_text("b")
    few = contested.find_element(By.CSS_SELECTOR, "#shortlist .note").text
    assert few.startswith("P(best) takes 5 instances")


def test_two_methods_are_compared_on_what_both_cover(
    contested: WebDriver, contest: Scores
) -> None:
    go(contested, "profiles")
    for name, method in (("a", "patchy"), ("b", "quick")):
        Select(contested.find_element(By.CSS_SELECTOR, f"#pair [name={name}]")
               ).select_by_visible_text(method)  # fmt: skip
    facts = contested.find_element(By.CSS_SELECTOR, "#paired .facts").text.split("\n")
    # On b 0.5 s against 4 s; on a 0.5 s against 0.1 s, and not at all on the last.
    assert facts == [
        "A faster: patchy", "on 3 of 6 instances (50.0 %), median factor 8.00",
        "B faster: quick", "on 3 of 6 instances (50.0 %), median factor 5.00; on 1 of "
        "them A did not reach the target, median factor 5.00 where both did",
        "Neither reached it", "on 0", "The same time", "on 0",
    ]  # fmt: skip
    cells = rows(contested, "paired", "Instance by instance")
    found = contest.runs.to_dict("records")
    runs = {(str(row["method"]), str(row["instance"])): row for row in found}
    for instance, mine in cells.items():
        for head, method in (("A s", "patchy"), ("B s", "quick")):
            row = runs[method, instance]
            seconds = row["wall_s"] if row["verified"] else None
            assert mine[head] == formats.significant(seconds)
    assert cells["a:2"]["Factor times"] == "\N{INFINITY}"
    assert (cells["a:0"]["Factor times"], cells["a:0"]["Faster"]) == ("5.00", "B")
    # A curve ends at the share on which its method alone reached the target.
    ends = contested.execute_script(
        "return ['A', 'B'].map((who) => pairCurve(paired('patchy', 'quick', '1'), who)"
        ".map(([factor, share]) => [factor, Math.round(share)]))"
    )
    assert ends[0] == [[1, 50], [8, 50], [8, 33], [8, 33], [8, 17], [8, 17], [8, 0],
                       [1000, 0]]  # fmt: skip
    assert ends[1][0] == [1, 50]
    assert ends[1][-1] == [1000, 17]


def test_a_pair_that_fails_alike_counts_for_neither(browser: WebDriver) -> None:
    go(browser, "profiles")
    for name, method in (("a", "liar"), ("b", "peer:weak")):
        Select(browser.find_element(By.CSS_SELECTOR, f"#pair [name={name}]")
               ).select_by_visible_text(method)  # fmt: skip
    facts = browser.find_element(By.CSS_SELECTOR, "#paired .facts").text.split("\n")
    assert facts[1::2] == ["on 0 of 3 instances (0.0 %)"] * 2 + ["on 3", "on 0"]
    Select(browser.find_element(By.CSS_SELECTOR, "#pair [name=b]")
           ).select_by_visible_text("liar")  # fmt: skip
    assert "two different" in browser.find_element(By.ID, "paired").text


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


def test_a_chart_of_many_shows_the_rest_on_a_click(
    browser: WebDriver, crowd: Scores, tmp_path: Path
) -> None:
    before = browser.current_url
    report = tmp_path / "crowd.html"
    render.html(crowd, report)
    browser.get(report.as_uri())
    go(browser, "anytime")
    chart = browser.find_element(By.CSS_SELECTOR, "#anytime figure.chart")

    def shown(what: str) -> int:
        found = chart.find_elements(By.CSS_SELECTOR, what)
        return sum(one.is_displayed() for one in found)

    button = chart.find_element(By.CSS_SELECTOR, ".whole")
    assert button.text == "Show the other 4"
    assert shown(".legend li") == 8 + 1
    assert shown(".series") == 8
    button.click()
    assert button.text == "Show 8 only"
    assert shown(".legend li") == 12 + 1
    assert shown(".series") == 12
    browser.get(before)


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
