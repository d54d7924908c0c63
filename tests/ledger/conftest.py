"""Households in few words, and the worked cases of the shared data."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from sma_research.portfolio.transactions import AccountKind, Action, Transaction

Case = dict[str, Any]
Trade = Callable[..., Transaction]


def _trade(
    day: str, action: str, shares: object, amount: object = None, **more: Any
) -> Transaction:
    kind = AccountKind(more.pop("kind", "taxable"))
    row: dict[str, Any] = {
        "date": date.fromisoformat(day),
        "account": str(kind),
        "account_kind": kind,
        "asset": "X",
        "action": Action(action),
        "shares": shares,
    }
    if amount is not None:
        row["amount"] = amount
    return Transaction(**(row | more))


@pytest.fixture(scope="session")
def trade() -> Trade:
    """A transaction of asset X: day, action, shares, amount, and what differs."""
    return _trade


@pytest.fixture(scope="session")
def tax_cases(shared_data: Path) -> dict[str, Case]:
    """The worked cases, by identifier."""
    text = (shared_data / "tax_cases" / "tax_cases.json").read_text()
    return {case["id"]: case for case in json.loads(text)["cases"]}


@pytest.fixture(scope="session")
def household() -> Callable[[Case], list[Transaction]]:
    """Transactions of a case, a sale of several lots as one row for each."""

    def build(case: Case) -> list[Transaction]:
        rows = [
            _trade(lot["acquired"], "buy", lot["shares"], lot["basis"],
                   kind=lot["account"], lot=lot["id"])
            for lot in case["lots"]
        ]  # fmt: skip
        for row in case["transactions"]:
            if row["type"] == "buy":
                rows.append(
                    _trade(row["date"], "buy", row["shares"], row["amount"],
                           kind=row["account"], lot=row["id"])
                )  # fmt: skip
                continue
            for lot, shares in row["lots"].items():
                amount = round(row["amount"] * shares / row["shares"], 8)
                rows.append(
                    _trade(row["date"], "sell", shares, amount,
                           kind=row["account"], lot=lot, source=row["id"])
                )  # fmt: skip
        return sorted(rows, key=lambda row: row.date)

    return build
