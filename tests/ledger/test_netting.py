"""The netting of a year against Schedule D, line by line, and its laws."""

from dataclasses import dataclass

import numpy as np
import pytest

from sma_research.arrays import Vector
from sma_research.errors import DataError
from sma_research.portfolio.rules import Filing
from sma_research.portfolio.statutes import (
    long_term_rates,
    loss_limit,
    net_investment_income,
)
from sma_research.portfolio.tax import TaxRates
from sma_research.portfolio.tax_year import (
    long_term_tax,
    net_investment_income_tax,
    net_year,
    year_tax,
)

CASES = 100_000
TOP = TaxRates(short_term=0.37, long_term=0.20, niit=0.038)


@dataclass(frozen=True)
class Year:
    """What goes into Schedule D."""

    short: Vector
    long: Vector
    carry_short: Vector
    carry_long: Vector
    limit: Vector
    taxable_income: Vector  # Form 1040 line 15, negative where it would have been


@pytest.fixture(scope="module")
def years() -> Year:
    """Random years, many of them with zeros, in whole dollars."""
    rng = np.random.default_rng(20260101)

    def some(low: int, high: int, zeros: float) -> Vector:
        values = rng.integers(low, high, CASES).astype(np.float64)
        return np.where(rng.random(CASES) < zeros, 0.0, values)

    return Year(
        short=some(-12_000, 12_000, 0.1),
        long=some(-12_000, 12_000, 0.1),
        carry_short=some(0, 9_000, 0.5),
        carry_long=some(0, 9_000, 0.5),
        limit=rng.choice([3000.0, 1500.0], CASES),
        taxable_income=some(-8_000, 60_000, 0.05),
    )


def floor(values: Vector) -> Vector:
    """If zero or less, enter -0-."""
    return np.maximum(values, 0.0)


def schedule_d(year: Year) -> dict[str, Vector]:
    """Parts I to III, and the Capital Loss Carryover Worksheet of the next year."""
    line_6, line_14 = year.carry_short, year.carry_long
    line_7 = year.short - line_6
    line_15 = year.long - line_14
    line_16 = line_7 + line_15
    line_21 = np.where(line_16 < 0, np.minimum(-line_16, year.limit), 0.0)
    worksheet_3 = floor(year.taxable_income + line_21)
    worksheet_4 = np.minimum(line_21, worksheet_3)
    worksheet_5 = np.where(line_7 < 0, -line_7, 0.0)
    worksheet_6 = floor(line_15)
    worksheet_7 = worksheet_4 + worksheet_6
    worksheet_8 = np.where(line_7 < 0, floor(worksheet_5 - worksheet_7), 0.0)
    worksheet_9 = np.where(line_15 < 0, -line_15, 0.0)
    worksheet_10 = floor(line_7)
    worksheet_11 = floor(worksheet_4 - worksheet_5)
    worksheet_12 = worksheet_10 + worksheet_11
    worksheet_13 = np.where(line_15 < 0, floor(worksheet_9 - worksheet_12), 0.0)
    # Qualified Dividends and Capital Gain Tax Worksheet, line 3: the smaller of lines
    # 15 and 16 is taxed at the long-term rates, the rest of line 16 as other income.
    net_capital_gain = floor(np.minimum(line_15, line_16))
    needed = line_16 < 0  # the worksheet is filled in for a loss on line 16 only
    return {
        "ordinary_offset": line_21,
        "carry_short": np.where(needed, worksheet_8, 0.0),
        "carry_long": np.where(needed, worksheet_13, 0.0),
        "taxable_long": net_capital_gain,
        "taxable_short": floor(line_16) - net_capital_gain,
    }


def test_schedule_d_line_by_line(years: Year) -> None:
    offset = np.minimum(
        floor(years.carry_short + years.carry_long - years.short - years.long),
        years.limit,
    )
    netted = net_year(
        years.short,
        years.long,
        carry_short=years.carry_short,
        carry_long=years.carry_long,
        limit=years.limit,
        income=years.taxable_income + offset,
    )
    for field, values in schedule_d(years).items():
        np.testing.assert_array_equal(getattr(netted, field), values, err_msg=field)


def test_nothing_is_made_or_lost(years: Year) -> None:
    netted = net_year(
        years.short,
        years.long,
        carry_short=years.carry_short,
        carry_long=years.carry_long,
        limit=years.limit,
    )
    realized = years.short + years.long - years.carry_short - years.carry_long
    accounted = (
        netted.taxable_short
        + netted.taxable_long
        - netted.ordinary_offset
        - netted.carry_short
        - netted.carry_long
    )
    np.testing.assert_allclose(accounted, realized, atol=1e-9)


def test_the_tax_is_the_lesser_of_two_convex_functions(years: Year) -> None:
    # With no deduction from other income, the value of a carried loss is zero here.
    short, long = years.short, years.long
    worth_more = np.maximum(TOP.short * short + TOP.long * long, 0.0)
    long_gain = np.maximum(worth_more, TOP.long * (short + long))
    long_loss = np.maximum(TOP.short * (short + long), 0.0)
    exact = year_tax(short, long, TOP, limit=0.0)
    np.testing.assert_allclose(exact, np.minimum(long_gain, long_loss), atol=1e-6)


def test_a_larger_gain_never_lowers_the_tax(years: Year) -> None:
    before = year_tax(years.short, years.long, TOP)
    assert (year_tax(years.short + 100.0, years.long, TOP) >= before - 1e-9).all()
    assert (year_tax(years.short, years.long + 100.0, TOP) >= before - 1e-9).all()


def test_state_rates_stand_apart() -> None:
    washington = TaxRates(state_long=0.07)
    assert float(year_tax(1000.0, 1000.0, washington)) == pytest.approx(370 + 270)


def test_one_pair_and_arrays_agree() -> None:
    short, long = (
        np.array([[5.0, -5.0], [1.0, 2.0]]),
        np.array([[1.0, 2.0], [3.0, -4.0]]),
    )
    together = year_tax(short, long, TOP)
    apart = [[float(year_tax(s, v, TOP)) for s, v in zip(a, b, strict=True)]
             for a, b in zip(short, long, strict=True)]  # fmt: skip
    np.testing.assert_array_equal(together, apart)


def test_long_term_gains_stack_on_other_income() -> None:
    law = long_term_rates(2025, Filing.SINGLE)
    tax = long_term_tax(
        law, [0.0, 48_350.0, 533_400.0, 20_000.0], [48_350.0, 100.0, 100.0, 600_000.0]
    )
    over = 620_000 - 533_400
    everything = 0.15 * (533_400 - 48_350) + 0.20 * over
    np.testing.assert_allclose(tax, [0.0, 15.0, 20.0, everything])


def test_tables_hold_for_their_years() -> None:
    assert loss_limit(2025, Filing.SEPARATE) == 1500.0
    assert loss_limit(1955, Filing.JOINT) == 3000.0
    assert net_investment_income(2012, Filing.SINGLE).rate == 0.0
    late = net_investment_income(2013, Filing.SEPARATE)
    assert float(net_investment_income_tax(late, 50_000.0, 126_000.0)) == 38.0
    with pytest.raises(DataError, match=r"no long-term rates for 2024, .* 2025, 2026"):
        long_term_rates(2024, Filing.SINGLE)


@pytest.mark.parametrize("field", ["carry_short", "carry_long", "limit"])
def test_negative_carries_are_refused(field: str) -> None:
    with pytest.raises(DataError, match=f"{field} is -1, expected 0 or more"):
        net_year(0.0, 0.0, **{field: -1.0})
