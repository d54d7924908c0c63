"""Columns by block, slots of lots, and what accounts must have in common."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import sma_research as sma
from sma_research.canonical.build import build, structure_of
from sma_research.canonical.layout import Layout, labels, shape_of

Drawn = Callable[..., Any]


@pytest.mark.parametrize("seed", range(4))
def test_lots_stand_by_asset_and_the_cheapest_first(drawn: Drawn, seed: int) -> None:
    case = drawn(seed)
    problem, slot = case.problem, case.program.slot
    assert sorted(slot.tolist()) == list(range(slot.size))  # one lot, one slot
    order = np.argsort(slot)
    asset, rate = problem.lot_asset[order], problem.tax_rate[order]
    assert (np.diff(asset) >= 0).all()
    assert (np.diff(rate)[np.diff(asset) == 0] >= 0).all()


@pytest.mark.parametrize(("model", "own"), [("linear", []), ("netted", ["netted"])])
def test_blocks_follow_each_other(drawn: Drawn, model: str, own: list[str]) -> None:
    columns = drawn(0, tax_model=model).program.structure.columns
    names = ["hold", "buy", "sell", "cash", "active", "factor", "on", *own]
    assert list(columns) == names
    stops = [columns[name].stop for name in names]
    assert [columns[name].start for name in names] == [0, *stops[:-1]]


def test_stocks_alone_see_no_baskets(drawn: Drawn) -> None:
    case = drawn(0, kinds={"stock"})
    # The account owns a fund: it must be seen through until it is sold.
    assert case.program.layout.looks_through
    plain = replace(case.problem.account, lots=sma.Lots(), cash=1e4)
    problem = sma.Problem(market=case.problem.market, account=plain)
    layout = Layout(market=problem.market, shape=shape_of(problem))
    assert not layout.looks_through
    assert set(layout.columns) == {"hold", "cash", "factor", "on"}
    assert layout.tradable.tolist() == list(range(8))


def test_labels_name_every_column_of_an_asset(drawn: Drawn) -> None:
    program = drawn(2).program
    for name, words in labels(program.layout).items():
        block = program.structure.columns[name]
        assert len(words) == block.stop - block.start
        assert len(set(words)) == len(words)


def test_a_count_above_what_can_be_held_needs_no_binaries(drawn: Drawn) -> None:
    wishes = {"min_names": None, "min_position": 0.0}
    assert not shape_of(drawn(0, max_names=9, **wishes).problem).counted  # A3 is out
    assert shape_of(drawn(0, max_names=8, **wishes).problem).counted


def other(case: Any, **wishes: Any) -> sma.Problem:
    """The lots of an account in one of other numbers and of the same limits."""
    account = case.problem.account
    another = replace(
        account,
        account_id="other",
        cash=9e3,
        mandate=replace(account.mandate, exclude=frozenset({"A5"}), max_weight=0.4,
                        target={"two": 1.0}, max_names=5, max_turnover=0.5, **wishes),
    )  # fmt: skip
    return sma.Problem(market=case.problem.market, account=another)


@pytest.mark.parametrize("tax", [{"tax_model": "linear"}, {"tax_aversion": 0.0}])
def test_accounts_of_one_shape_share_every_coefficient(
    drawn: Drawn, tax: dict[str, Any]
) -> None:
    first = drawn(3, **tax)
    second = other(first)
    assert shape_of(first.problem) == shape_of(second)
    layout = first.program.layout
    ours, theirs = structure_of(layout, first.problem), structure_of(layout, second)
    for name in ("A", "P"):
        np.testing.assert_array_equal(
            getattr(ours, name).toarray(), getattr(theirs, name).toarray()
        )


def test_netted_accounts_share_nothing_unless_they_own_nothing(drawn: Drawn) -> None:
    """Rows of net results hold the gains of an account's lots."""
    first = drawn(3)
    shape, theirs = shape_of(first.problem), shape_of(other(first))
    assert shape.netted
    assert theirs.netted
    assert shape != theirs
    bare = [
        shape_of(sma.Problem(
            market=problem.market,
            account=replace(problem.account, lots=sma.Lots(), cash=1e4),
        ))
        for problem in (first.problem, other(first))
    ]  # fmt: skip
    assert bare[0] == bare[1]
    assert not bare[0].netted


def test_slots_of_others_stay_empty(drawn: Drawn) -> None:
    """An account in a shape with more slots than it has lots."""
    case = drawn(1)
    shape = case.program.layout.shape
    wider = replace(shape, slots=tuple((i, count + 2) for i, count in shape.slots))
    program = build(case.problem, Layout(market=case.problem.market, shape=wider))
    columns, d = program.structure.columns, program.parameters
    free = np.ones(program.layout.slot_owner.size, dtype=bool)
    free[program.slot] = False
    assert free.sum() == 2 * len(shape.slots)
    assert (d.upper[columns["sell"]][free] == 0.0).all()
    assert (d.upper[columns["sell"]][program.slot] > 0.0).all()
    owner = program.layout.tradable[program.layout.slotted][program.layout.slot_owner]
    assert owner[program.slot].tolist() == case.problem.lot_asset.tolist()
