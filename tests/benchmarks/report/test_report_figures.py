"""The figures behind the pages, by hand."""

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sma_benchmarks.report import cases, formats
from sma_benchmarks.report.axes import Axis, linear, logarithmic
from sma_benchmarks.report.drawing import Point, Series, draw
from sma_benchmarks.report.enough import few, standing
from sma_benchmarks.report.evidence import discreet, packed, shortened
from sma_benchmarks.report.pages import (
    anytime,
    certificates,
    formulations,
    scaling,
    warm,
)
from sma_benchmarks.report.pages.choose import summary
from sma_benchmarks.report.pages.failures import matrix
from sma_benchmarks.report.pages.profiles import (
    Timed,
    covered_profile,
    factors,
    mean_times,
)
from sma_benchmarks.report.pages.quality import pareto, positions
from sma_benchmarks.report.racing import by_family
from sma_benchmarks.report.styles import styles
from sma_benchmarks.scores import Scores
from sma_benchmarks.statistics import Penalty

NAN = float("nan")
FAST, TIGHT, LOOSE = "fast", "tree[formulation=tight]", "tree[formulation=loose]"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.012345, "0.0123"), (1.2, "1.20"), (1234.5, "1230"), (0.0, "0"),
        (9.999, "10.0"), (1e-7, "1.00e-07"), (NAN, "\N{EN DASH}"),
        (None, "\N{EN DASH}"), (math.inf, "\N{EN DASH}"),
    ],
)  # fmt: skip
def test_seconds_have_three_significant_digits(value: float, text: str) -> None:
    assert formats.significant(value) == text


def test_basis_points_have_two_decimals_and_no_negative_zero() -> None:
    assert formats.bp(1.005) == "1.00"
    assert formats.bp(-0.001) == "0.00"
    assert formats.bp(-2.5) == "-2.50"


def test_axes_place_values_and_mark_round_numbers() -> None:
    log = Axis(label="s", low=0.1, high=10.0, log=True)
    assert log.share(1.0) == pytest.approx(0.5)
    assert log.share(100.0) == 1.0
    assert [text for _, text in log.ticks] == ["0.1", "0.2", "0.5", "1", "2", "5", "10"]
    assert [value for value, _ in linear("bp", [0.0, 9.6]).ticks] == [0, 2, 4, 6, 8]
    narrow = linear("bp", [50.0, 50.0001], zero=False)
    assert narrow.high - narrow.low == pytest.approx(1.0, abs=0.01)
    small = logarithmic("bp", [0.0, 5.0], floor=0.01)
    assert small.low == 0.01


def test_steps_keep_only_where_they_turn() -> None:
    look = styles(["a"])["a"]
    flat = [Point(x=float(i), y=1.0 if i < 5 else 2.0) for i in range(10)]
    series = Series(name="a", style=look, points=flat, joined="step", marked=False)
    axis = Axis(label="x", low=0.0, high=10.0)
    (drawn,) = draw("t", [series], axis, axis).lines
    assert drawn.path.count("V") == 1
    assert drawn.path.count("H") == 2


def test_a_chart_of_many_shows_its_leaders_first() -> None:
    def drawn(count: int) -> list[bool]:
        names = [f"method {i:02}" for i in range(count)]
        looks = styles(names)
        both = [Point(x=1.0, y=1.0), Point(x=2.0, y=2.0)]
        series = [Series(name=name, style=looks[name], points=both) for name in names]
        axis = Axis(label="x", low=0.0, high=10.0)
        # A method may have a second series, of the same name.
        found = draw("t", [*series, series[-1]], axis, axis)
        return [one.behind for one in found.lines]

    assert not any(drawn(10))
    assert drawn(12) == [False] * 8 + [True] * 5


def test_methods_look_different() -> None:
    looks = styles(f"method {i}" for i in range(30))
    assert len({(s.colour, s.mark) for s in looks.values()}) == 30


def test_the_front_holds_what_nobody_beats() -> None:
    seconds = np.array([1.0, 2.0, 2.0, 3.0, math.inf])
    regret = np.array([5.0, 1.0, 2.0, 1.0, 0.0])
    assert pareto(seconds, regret) == [True, True, False, False, False]


def test_medians_count_failures_as_infinite(golden: Scores) -> None:
    rows = cases.covered(cases.cold(golden))
    found = positions(rows[rows["family"] == "names"], cases.TRACKING).set_index(
        "method"
    )
    # 100: median of 0.1 and 0.12; 200: 0.2; 400: 0.4
    assert found.loc[FAST, "seconds"] == pytest.approx(0.2)
    assert found.loc[FAST, "regret"] == pytest.approx(0.4)
    assert found.loc["liar", "seconds"] == math.inf
    assert "peer:paid" not in found.index
    assert list(found[found["front"]].index) == [FAST, TIGHT]


def test_who_covers_few_is_not_on_the_front_and_beats_nobody(golden: Scores) -> None:
    rows = cases.covered(cases.cold(golden))
    rows = rows[rows["family"] == "names"]
    one = rows[(rows["method"] != FAST) | (rows["instance"] == "names:n=100")]
    found = positions(one, cases.TRACKING).set_index("method")
    assert found.loc[FAST, "standing"] == "covers few"
    assert list(found[found["front"]].index) == [TIGHT]
    assert cases.few(np.array([5, 10, 4])).tolist() == [False, False, True]


def test_profiles_leave_out_what_is_not_covered() -> None:
    times = np.array([[1.0, 2.0], [1.0, NAN], [NAN, NAN]])
    covered = np.array([[True, True], [True, False], [True, True]])
    steps = factors(times)
    profile = covered_profile(times, covered, steps)
    assert steps.tolist() == [1.0, 2.0, 1000.0]
    # All failed on the third: it counts against both.
    assert profile[0].tolist() == pytest.approx([2 / 3, 0.0])
    assert profile[-1].tolist() == pytest.approx([2 / 3, 0.5])


def timed(times: list[list[float]], wrong: list[list[int]] | None = None) -> Timed:
    found = np.array(times)
    lies = np.array(wrong, dtype=bool) if wrong else np.zeros(found.shape, dtype=bool)
    return Timed(
        times=found,
        limits=np.full(len(found), 10.0),
        covered=~np.isnan(found).all(axis=0) | np.zeros(found.shape, dtype=bool),
        wrong=lies,
        methods=[f"method {j}" for j in range(found.shape[1])],
        shift=0.0,
    )


def test_means_of_what_was_not_reached() -> None:
    found = timed([[1.0, 2.0, NAN], [3.0, NAN, NAN]])
    means, counts = mean_times(found, Penalty.PAR2)
    assert means[0] == pytest.approx(math.sqrt(3.0))
    assert means[1] == pytest.approx(math.sqrt(2.0 * 20.0))
    assert np.isnan(means[2])
    assert counts.tolist() == [2, 2, 0]
    means, counts = mean_times(found, Penalty.INTERSECTION)
    assert means[:2].tolist() == pytest.approx([1.0, 2.0])
    assert counts.tolist() == [1, 1, 0]


@pytest.mark.parametrize(
    ("penalty", "late"),
    [(Penalty.PAR1, 10.0), (Penalty.PAR2, 20.0), (Penalty.PAR10, 100.0)],
)
def test_a_wrong_answer_is_worse_than_none(penalty: Penalty, late: float) -> None:
    # Both reached the first in 1 s; on the second one was late, the other wrong.
    found = timed([[1.0, 1.0], [NAN, NAN]], [[0, 0], [0, 1]])
    means, _ = mean_times(found, penalty)
    assert means.tolist() == pytest.approx([math.sqrt(late), math.sqrt(5 * late)])


def test_an_instance_with_a_wrong_answer_is_in_no_intersection() -> None:
    found = timed([[1.0, 2.0], [4.0, 0.1]], [[0, 0], [0, 1]])
    means, counts = mean_times(found, Penalty.INTERSECTION)
    assert means.tolist() == pytest.approx([1.0, 2.0])
    assert counts.tolist() == [1, 1]


def test_who_was_wrong_is_last_and_not_on_the_front(golden: Scores) -> None:
    rows = cases.covered(cases.cold(golden))
    rows = rows[rows["family"] == "names"].copy()
    rows.loc[
        (rows["method"] == FAST) & (rows["instance"] == "names:n=400"), "group"
    ] = "wrong"
    found = positions(rows, cases.TRACKING)
    assert list(found[found["front"]]["method"]) == [TIGHT]
    assert set(found["method"].tail(2)) == {FAST, "liar"}
    assert found.set_index("method").loc[FAST, "standing"] == "wrong answers"


def test_the_fastest_of_a_family_are_on_what_all_were_tried_on(
    contest: Scores,
) -> None:
    assert by_family(contest).empty  # three instances a family are too few
    runs = contest.runs
    copies = [runs.assign(instance=runs["instance"] + f",copy={i}") for i in range(3)]
    found = by_family(replace(contest, runs=pd.concat(copies, ignore_index=True)))
    # The liar is as fast as the one that was tried on two of three, but takes no part;
    # nobody else wins a draw of a family or ties with who wins them all.
    figures = ["family", "method", "best", "group", "reached", "common"]
    assert found[figures].to_numpy().tolist() == [
        ["a", "tried twice", 1.0, 1, 6, 6],
        ["b", "patchy", 1.0, 1, 9, 9],
    ]


def test_gap_over_time_is_capped_before_a_portfolio(golden: Scores) -> None:
    rows = cases.covered(cases.cold(golden))
    rows = rows[rows["instance"] == "names:n=400"]
    events = golden.events[golden.events["kind"] == "incumbent"]
    curves = anytime.gap_curves(rows, events, np.array([0.1, 0.3, 0.5]))
    # Best certified bound 49 bp; 58.4 bp after 0.2 s, 50.4 bp after 0.4 s.
    assert curves[FAST].tolist() == pytest.approx([100.0, 9.4, 1.4])
    assert curves["liar"].tolist() == [100.0, 100.0, 100.0]


def test_exponents_are_fitted_to_what_was_verified(golden: Scores) -> None:
    rows = cases.covered(cases.cold(golden))
    mine = scaling.alone(rows[rows["family"] == "names"], "n_assets")
    assert mine is not None
    found = scaling.fit(mine[mine["method"] == TIGHT], "n_assets", "wall_s")
    assert found["exponent"] == pytest.approx(1.0)
    assert (found["sizes"], found["largest"]) == (3, 400.0)
    failed = scaling.fit(mine[mine["method"] == "peer:weak"], "n_assets", "wall_s")
    assert (failed["sizes"], failed["tried"]) == (0, 3)
    assert scaling.alone(rows[rows["family"] == "names"], "n_factors") is None


def test_gap_closed_runs_from_the_weakest_bound_to_the_best_portfolio(
    golden: Scores,
) -> None:
    found = formulations.compared(golden)
    closed = found.groupby("method")["closed"].median()
    assert set(closed.index) == {TIGHT, LOOSE}
    assert closed[LOOSE] == 0.0
    assert closed[TIGHT] == pytest.approx((49**2 - 40**2) / (50**2 - 40**2))


def test_bounds_name_who_found_them(golden: Scores) -> None:
    found = certificates.bounds(golden.runs).set_index("instance")
    row = found.loc["names:n=400"]
    assert row["gap_bp"] == pytest.approx(1.0)
    assert row["gap"] == pytest.approx(1 - (49 / 50) ** 2)
    assert (row["upper_by"], row["lower_by"]) == (TIGHT, TIGHT)


def test_pairs_keep_losses(golden: Scores) -> None:
    found = warm.pairs(golden.runs).set_index("instance")
    assert found.loc["names:n=100", "ratio"] == pytest.approx(0.5)
    assert found.loc["names:n=200", "ratio"] == pytest.approx(2.0)


def test_the_matrix_counts_every_solve(golden: Scores) -> None:
    found = matrix(golden.runs)
    counts = {
        (method, family): cell
        for method, cells in found.rows
        for family, cell in zip(found.columns, cells, strict=True)
    }
    assert counts["liar", "names"] == {"wrong": 3}
    assert counts["peer:paid", "names"] == {"coverage": 3}
    total = sum(sum(cell.values()) for cell in counts.values())
    assert total == len(golden.runs)


def test_packed_rows_are_the_rows(golden: Scores) -> None:
    data = packed(golden, {}, [])["data"]
    assert isinstance(data, dict)
    assert data["suite"] == {"one": "golden"}
    words = data["method"]
    assert [words["words"][i] for i in words["at"]] == list(golden.runs["method"])
    held = [formats.number(value) for value in golden.runs["te_bp"]]
    assert data["te_bp"]["all"] == held


def test_logs_keep_their_ends() -> None:
    short = shortened("a" + "b" * 10_000 + "c")
    assert short.startswith("ab")
    assert short.endswith("bc")
    assert "8202 characters left out" in short
    assert shortened("as it is") == "as it is"


def test_fewer_than_five_instances_have_no_interval(golden: Scores) -> None:
    table = {str(row["method"]): row for row in summary(golden).to_dict("records")}
    assert " to " in str(table[FAST]["time_interval"])  # five instances
    assert table[FAST]["time_tie"] == 1
    for method, figure in ((FAST, "regret"), (TIGHT, "time"), (LOOSE, "regret")):
        assert table[method][f"{figure}_interval"] == formats.NONE
        assert formats.count(table[method][f"{figure}_tie"]) == formats.NONE


def test_few_instances_are_not_published(golden: Scores) -> None:
    assert few(golden) is None
    assert standing(golden)[1].startswith("Not publishable")
    runs = golden.runs[golden.runs["method"] == TIGHT]
    some = replace(golden, runs=runs)
    assert standing(some)[1].startswith("Too few instances: 4 instances can show")
    others = runs.assign(instance=runs["instance"] + ",again=1")
    more = replace(golden, runs=pd.concat([runs, others], ignore_index=True))
    assert standing(more) == (
        "good",
        "Publishable: no harness error stands and every covered method has a verified "
        "answer.",
    )


def test_logs_do_not_tell_where_they_were_written() -> None:
    said = 'File "/home/somebody/project/sma/worker.py", line 3 at 2026/11/23 in /etc'
    assert discreet(said) == ('File "…/sma/worker.py", line 3 at 2026/11/23 in /etc')
