"""What only the comparison of all rows shows."""

import numpy as np
import pandas as pd
import pytest
from sma_benchmarks.best_known import updated
from sma_benchmarks.records import TABLES, Value
from sma_benchmarks.report.pages.anytime import gap_curves
from sma_benchmarks.report.pages.certificates import bounds
from sma_benchmarks.scores import Scores, scored
from sma_benchmarks.store import Tables

from tests.benchmarks.tables import run_row, tables


def test_regret_is_to_the_best_verified() -> None:
    rows = [
        run_row("good", "a:n=1", te_bp=100.0, objective=1.0),
        run_row("poor", "a:n=1", te_bp=110.0, objective=1.21),
        run_row("false", "a:n=1", te_bp=50.0, objective=0.25, outcome="wrong_feasible"),
    ]
    runs = scored(tables(rows)).runs.set_index("method")
    assert runs.loc["good", "regret_bp"] == 0.0
    assert runs.loc["poor", "regret_bp"] == pytest.approx(10.0)
    assert runs.loc["poor", "regret"] == pytest.approx(0.21)
    assert runs["regret_bp"].isna()["false"]


def test_a_bound_above_anybodys_portfolio_is_a_lie() -> None:
    rows = [
        run_row("honest", "a:n=1", objective=1.0, bound=0.9),
        run_row("liar", "a:n=1", objective=1.2, bound=0.9, bound_claimed=1.1),
        run_row(
            "surrogate", "a:n=1", objective=1.2, bound_claimed=1.1,
            exactness="surrogate",
        ),
    ]  # fmt: skip
    runs = scored(tables(rows)).runs.set_index("method")
    assert runs.loc["liar", "outcome"] == "wrong_bound"
    assert runs.loc["surrogate", "outcome"] == "verified_feasible"


def test_an_own_certificate_above_a_portfolio_blocks_publishing() -> None:
    rows = [
        run_row("one", "a:n=1", objective=1.0, bound=0.9),
        run_row("two", "a:n=1", objective=1.2, bound=1.1),
    ]
    found = scored(tables(rows))
    assert not found.publishable
    assert scored(tables(rows[:1])).publishable


def test_earlier_values_count() -> None:
    earlier = updated(
        {}, [run_row("old", "a:n=1", objective=0.81, te_bp=90.0, bound=0.7)]
    ).known
    found = scored(tables([run_row("new", "a:n=1", bound=0.75)]), earlier).runs
    assert found["regret_bp"].iloc[0] == pytest.approx(10.0)


def test_time_counts_only_with_the_quality() -> None:
    """A wrong or poor answer is never fast."""
    rows = [
        run_row("good", "a:n=1", wall_s=5.0, te_bp=100.0, objective=1.0),
        run_row("poor", "a:n=1", wall_s=0.1, te_bp=120.0, objective=1.44),
        run_row("none", "a:n=1", wall_s=10.0, outcome="timeout_no_solution"),
        run_row("absent", "a:n=1", wall_s=0.0, outcome="licence"),
    ]
    scores = scored(tables(rows))
    times, limits, _, methods = scores.times()
    seconds = dict(zip(methods, times[0], strict=True))
    assert seconds["good"] == 5.0
    assert all(np.isnan(seconds[name]) for name in ("poor", "none", "absent"))
    assert limits.tolist() == [10.0]
    table = scores.methods.set_index("method")
    assert table.loc["poor", "time_s"] == pytest.approx(20.0)
    assert table["time_s"].isna()["absent"]
    assert table.loc["absent", "coverage"] == 0.0
    assert table.index[0] == "good"


def test_paths_are_compared_by_their_tracking() -> None:
    rows = [
        run_row("near", "path:n=1", te_bp=50.0, objective=None, bound=None),
        run_row("far", "path:n=1", te_bp=80.0, objective=None, bound=None),
    ]
    scores = scored(tables(rows))
    regret = scores.runs.set_index("method")["regret_bp"]
    assert (regret["near"], regret["far"]) == (0.0, 30.0)
    times, _, _, methods = scores.times()
    reached = dict(zip(methods, np.isfinite(times[0]), strict=True))
    assert reached == {"near": True, "far": False}


def test_stability_is_the_range_over_seeds() -> None:
    rows = [
        run_row("tree", "a:n=1", seed=seed, te_bp=100.0 + seed, objective=1.0 + seed)
        for seed in range(3)
    ]
    assert scored(tables(rows)).methods["te_spread_bp"].iloc[0] == 2.0


NONE: dict[str, Value] = {"te_bp": None, "objective": None, "bound": None}


def test_regret_counts_the_tax_that_closer_tracking_cost() -> None:
    rows = [
        run_row("good", "lots:1", objective=1.0, te_bp=100.0, wall_s=5.0),
        run_row("taxed", "lots:1", objective=9.0, te_bp=60.0, wall_s=0.1),
    ]
    scores = scored(tables(rows))
    regret = scores.runs.set_index("method")["regret_bp"]
    # The difference of 8 is a variance of 8e-4 beside 0.01 squared.
    assert (regret["good"], regret["taxed"]) == (0.0, pytest.approx(200.0))
    table = scores.methods.set_index("method")
    assert (table.index[0], table.loc["taxed", "reached"]) == ("good", 0.0)


def test_without_the_risk_aversion_regret_is_relative_alone() -> None:
    rows = [run_row("m", "a:1", risk_aversion=None, objective=v) for v in (1.0, 1.1)]
    runs = scored(tables(rows)).runs
    assert runs["regret_bp"].isna().all()
    assert runs["regret"].tolist() == pytest.approx([0.0, 0.1])


def test_the_price_of_the_tolerance_contradicts_nobody() -> None:
    rows = [
        run_row("sloppy", "a:1", objective=1.0 - 5e-4, bound=None),
        run_row(
            "honest", "a:1", objective=1.0, bound=1.0, bound_claimed=1.0,
            bound_room=6e-4,
        ),
    ]  # fmt: skip
    assert set(scored(tables(rows)).runs["outcome"]) == {"verified_feasible"}
    rows[1]["bound_room"] = 4e-4
    assert scored(tables(rows)).runs["outcome"].tolist()[1] == "harness_error"


def test_wrong_is_charged_more_than_late() -> None:
    rows = [
        run_row("ok", "a:1", wall_s=1.0),
        run_row("liar", "a:1", outcome="wrong_feasible", wall_s=0.01, **NONE),
        run_row("slow", "a:1", outcome="timeout_no_solution", wall_s=10.0, **NONE),
    ]
    table = scored(tables(rows)).methods.set_index("method")
    assert table["time_s"].to_dict() == {
        "ok": pytest.approx(1.0), "slow": pytest.approx(20.0),
        "liar": pytest.approx(100.0),
    }  # fmt: skip
    assert list(table.index) == ["ok", "slow", "liar"]
    assert table["wall_p50_s"].isna().to_dict() == {
        "ok": False,
        "slow": True,
        "liar": True,
    }


def test_refusing_the_harder_half_is_not_the_fastest() -> None:
    def easy(i: int) -> dict[str, Value]:
        if i < 5:
            return run_row("easy", f"a:{i}", wall_s=0.1)
        return run_row("easy", f"a:{i}", outcome="unsupported", wall_s=None, **NONE)

    rows = [run_row("all", f"a:{i}", wall_s=0.2) for i in range(10)]
    table = scored(tables([*rows, *map(easy, range(10))])).methods
    assert table["method"].tolist() == ["all", "easy"]
    assert table["reached"].tolist() == [1.0, 0.5]


def test_repetitions_are_one_piece_of_evidence() -> None:
    def interval(repeats: int) -> tuple[float, float]:
        rows = [run_row("ref", f"a:{i}", objective=0.9) for i in range(6)]
        rows += [
            run_row("m", f"a:{i}", objective=1.0 + 0.01 * i, repeat=r)
            for i in range(6) for r in range(repeats)
        ]  # fmt: skip
        table = scored(tables(rows)).methods.set_index("method")
        low, high = (table[f"regret_bp_{end}"]["m"] for end in ("low", "high"))
        return float(low), float(high)

    assert interval(1) == interval(20)


@pytest.mark.parametrize(("wall_s", "reached"), [(10.9, 1.0), (11.1, 0.0)])
def test_past_its_limit_nothing_is_reached(wall_s: float, reached: float) -> None:
    scores = scored(tables([run_row("m", "a:1", wall_s=wall_s, time_limit_s=10.0)]))
    assert scores.methods["reached"].tolist() == [reached]
    assert np.isfinite(scores.times()[0]).tolist() == [[bool(reached)]]


def test_one_name_in_two_suites_or_of_two_contents_is_two_instances() -> None:
    rows = [
        run_row("m", "a:1", suite="smoke", time_limit_s=1.0, wall_s=1.0, row_id="1",
                outcome="timeout_no_solution", **NONE),
        run_row("m", "a:1", suite="full", time_limit_s=100.0, row_id="2"),
        run_row("m", "b:1", instance_hash="h1", row_id="3", bound=0.9),
        run_row("m", "b:1", instance_hash="h2", row_id="4", objective=10.0, bound=9.5),
        run_row("m", "c:1", row_id="5"),
    ]  # fmt: skip
    scores = scored(tables(rows))
    names = scores.runs["instance"].tolist()
    assert names == ["smoke: a:1", "full: a:1", "b:1 #h1", "b:1 #h2", "c:1"]
    assert (scores.runs["outcome"] == "harness_error").sum() == 0
    assert scores.runs["regret"].dropna().tolist() == [0.0] * 4
    assert scores.times()[1].tolist() == [10.0, 10.0, 10.0, 100.0, 1.0]


def test_publishing_needs_a_verified_row() -> None:
    nobody = [run_row(m, "a:1", outcome="unsupported", **NONE) for m in "xy"]
    assert not scored(tables(nobody)).publishable
    assert scored(tables([*nobody, run_row("z", "a:1")])).publishable


def test_bounds_of_other_portfolios_are_measured_by_one_ruler() -> None:
    rows = [
        run_row("best", "lots:1", te_bp=100.0, objective=1.0, bound=0.99, bound_te_bp=98.0),
        run_row("other", "lots:1", te_bp=90.0, objective=1.2, bound=0.5, bound_te_bp=110.0),
    ]  # fmt: skip
    (found,) = bounds(scored(tables(rows)).runs).to_dict("records")
    assert found["lower_bp"] == pytest.approx(1e4 * np.sqrt(0.01**2 - 0.01 / 1e4))
    assert found["gap_bp"] == pytest.approx(100.0 - found["lower_bp"])


def of_events(
    rows: list[dict[str, Value]], *events: tuple[str, float, float]
) -> Scores:
    """Scores of rows with claimed incumbents: method, seconds, value."""
    found = tables(rows)
    lines = [
        {"row_id": f"{method}|a:1|0|0", "elapsed_s": seconds, "kind": "incumbent",
         "value": value, "te_bp": 0.0, "verified": False}
        for method, seconds, value in events
    ]  # fmt: skip
    frame = pd.DataFrame(lines, columns=[c.name for c in TABLES["events"]])
    return scored(
        Tables(
            runs=found.runs,
            events=frame,
            periods=found.periods,
            machines=found.machines,
        )
    )


def test_times_to_targets_are_from_the_best_bound_of_all() -> None:
    """The ruler: 100 bp are worth 1, a bound at 0.9801 is 99 bp."""
    rows = [
        run_row("proof", "a:1", objective=1.21, te_bp=110.0, bound=0.9801, wall_s=9.0),
        run_row("quick", "a:1", objective=1.0, te_bp=100.0, bound=0.1, wall_s=4.0),
    ]
    runs = of_events(rows, ("quick", 1.0, 1.0816), ("quick", 2.0, 1.02**2)).runs
    runs = runs.set_index("method")
    quick = runs.loc["quick"]
    assert quick["time_to_5bp"] == 1.0
    assert quick["time_to_2bp"] == 4.0
    assert quick["time_to_1bp"] == 4.0
    assert np.isnan(quick["time_to_0p5bp"])
    assert runs["time_to_10bp"].isna()["proof"]


def test_an_incumbent_below_anybodys_bound_was_never_there() -> None:
    rows = [
        run_row("proof", "a:1", objective=1.0, bound=0.9801, wall_s=1.0),
        run_row(
            "liar", "a:1", objective=1.0, bound=None, wall_s=10.0, time_limit_s=20.0
        ),
    ]
    scores = of_events(rows, ("liar", 1e-3, 0.5))
    liar = scores.runs.set_index("method").loc["liar"]
    assert "none of them counts" in liar["message"]
    assert liar["time_to_10bp"] == 10.0
    assert not len(scores.events)
    curves = gap_curves(scores.runs, scores.events, np.array([1.0]))
    assert curves["liar"].tolist() == [100.0]


def test_rows_without_tables_of_events_are_scored() -> None:
    """As a file of pytest-benchmark gives them."""
    rows = tables([run_row("m", "a:1", row_id=None, suite=None, risk_aversion=None)])
    bare = Tables(runs=rows.runs, events=pd.DataFrame(), periods=pd.DataFrame(),
                  machines=pd.DataFrame())  # fmt: skip
    scores = scored(bare)
    assert scores.runs["instance"].tolist() == ["a:1"]
    assert scores.methods["reached"].tolist() == [1.0]
