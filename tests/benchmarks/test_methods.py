"""Methods: one canonical text each, and nothing unknown let through."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sma_benchmarks.methods import Method, parse, uses_seed
from sma_benchmarks.task import Budget

from sma_research.errors import SettingError


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("clarabel", "clarabel"),
        (" pyomo:scip[] ", "pyomo:scip"),
        ("highs[tolerance=1e-07, formulation=big_m]",
         "highs[formulation=big_m,tolerance=1e-7]"),
        ("highs[relative_gap=0.00010]", "highs[relative_gap=0.0001]"),
        ("highs[native.mip_rel_gap=0,native.log=TRUE,native.presolve=off]",
         "highs[native.log=true,native.mip_rel_gap=0,native.presolve=off]"),
        ("pyomo:scip[native.limits/nodes=10]", "pyomo:scip[native.limits/nodes=10]"),
        ("peer:taxrebalance", "peer:taxrebalance"),
    ],
)  # fmt: skip
def test_canonical_text(text: str, canonical: str) -> None:
    assert str(parse(text)) == canonical
    assert parse(canonical) == parse(text)
    assert hash(parse(canonical)) == hash(parse(text))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "cannot be read"),
        ("Clarabel[", "cannot be read"),
        ("highs[tolerance]", "is no option"),
        ("highs[formulation=big_m,formulation=big_m]", "given twice"),
        ("highs[formulation=biggest_m]", "is unknown, expected one of"),
        ("highs[mip_gap=1]", "native.mip_gap"),
        ("highs[tolerance=tight]", "expected a number"),
        ("highs[relative_gap=small]", "expected a number"),
        ("highs[time_limit_s=5]", "the suite's to give"),
        ("highs[seed=5]", "the suite's to give"),
        ("highs[threads=8]", "the suite's to give"),
        ("highs[native.threads=8]", "the suite's to give"),
        ("clarabel[native.max_threads=8]", "the suite's to give"),
        ("highs[native.=5]", "is no setting"),
        ("peer:skfolio[threads=2]", "a peer has no options"),
    ],
)
def test_refused(text: str, says: str) -> None:
    with pytest.raises(SettingError, match=says):
        parse(text)


def test_settings_come_from_the_budget_then_from_the_method() -> None:
    budget = Budget(time_limit_s=7.0, target_gap=1e-3, threads=2)
    plain = parse("highs").settings_for(budget, 5)
    assert (plain.time_limit_s, plain.relative_gap) == (7.0, 1e-3)
    assert (plain.threads, plain.seed, plain.native) == (2, 5, {})
    own = parse("highs[relative_gap=1e-5,native.presolve=off]")
    settings = own.settings_for(budget, 0)
    assert (settings.relative_gap, settings.threads) == (1e-5, 2)
    assert settings.native == {"presolve": "off"}


def test_a_setting_out_of_range_is_refused() -> None:
    with pytest.raises(SettingError, match="tolerance"):
        parse("highs[tolerance=0]").settings_for(Budget(), 0)


def test_only_what_branches_or_samples_uses_the_seed() -> None:
    assert uses_seed(parse("highs"))
    assert not uses_seed(parse("highs[formulation=relax+round_and_polish]"))
    assert not uses_seed(parse("clarabel"))
    assert not uses_seed(parse("no_such_backend"))


@given(
    tolerance=st.floats(1e-12, 1.0),
    number=st.one_of(st.integers(), st.booleans(), st.floats(allow_nan=False)),
)
def test_text_and_back(tolerance: float, number: float) -> None:
    method = Method(
        solver="highs", settings={"native.x": number, "tolerance": tolerance}
    )
    again = parse(str(method))
    assert again == method
    assert type(again.settings["native.x"]) is type(number)
