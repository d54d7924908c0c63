"""Words of libraries about their licences, and words that only look like them."""

import pytest

from sma_research.program.licences import says_unlicensed


@pytest.mark.parametrize(
    "text",
    [
        "Model too large for size-limited license; visit https://gurobi.com",
        "No Gurobi license found (user x, host y)",
        "CPLEX Error  1016: Community Edition. Problem size limits exceeded.",
        "?120 Error: Problem has too many rows and columns. The maximum is 200",
        "rescode.err_missing_license_file(1008): License cannot be located.",
        "err_size_license(1010): The problem is bigger than the license.",
        "License has expired",
        "4, (LICENSE) Fail to solve problem",
    ],
)
def test_a_refusal_is_one(text: str) -> None:
    assert says_unlicensed(text)


@pytest.mark.parametrize(
    "text",
    [
        "numerical trouble (see /opt/licenses/scip.txt)",
        "raised after 59 s: unlicensed memory",
        "license plate",
        "too large a step, too many iterations",
        "licence: MIT",
    ],
)
def test_a_word_alone_is_none(text: str) -> None:
    assert not says_unlicensed(text)
