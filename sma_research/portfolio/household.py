"""What the rows of a household have to agree on: dates, accounts, identity groups."""

from collections.abc import Sequence

from sma_research.errors import DataError
from sma_research.portfolio.pieces import OpenLot
from sma_research.portfolio.transactions import (
    LATEST,
    AccountKind,
    Transaction,
    refused,
)


def check_household(
    transactions: Sequence[Transaction], opening: Sequence[OpenLot] = ()
) -> dict[str, str]:
    """Identity group of every asset: the label it has anywhere, or the asset itself.

    Raises
    ------
    DataError
        A date before the one above it, an account of two kinds, an asset with two
        labels, or a label that is an asset of another group.
    """
    _check_dates(transactions, opening)
    _check_kinds(transactions, opening)
    labels = _labels(transactions, opening)
    assets = [lot.asset for lot in opening] + [row.asset for row in transactions]
    return {asset: labels.get(asset, asset) for asset in assets}


def _check_dates(
    transactions: Sequence[Transaction], opening: Sequence[OpenLot]
) -> None:
    first = transactions[0].date if transactions else LATEST
    for lot in opening:
        if lot.acquired > first:
            expected = f"{first} or earlier, the first transaction"
            raise refused_lot(lot, "acquired", lot.acquired, expected)
    latest = first
    for row in transactions:
        if row.date < latest:
            raise refused(row, "date", row.date, f"{latest} or later, as above it")
        latest = row.date


def _check_kinds(
    transactions: Sequence[Transaction], opening: Sequence[OpenLot]
) -> None:
    kinds: dict[str, AccountKind] = {}
    for lot in opening:
        kind = kinds.setdefault(lot.account, lot.account_kind)
        if lot.account_kind is not kind:
            expected = f"{kind}, as for another lot of account {lot.account}"
            raise refused_lot(lot, "account_kind", lot.account_kind, expected)
    for row in transactions:
        kind = kinds.setdefault(row.account, row.account_kind)
        if row.account_kind is not kind:
            expected = f"{kind}, as account {row.account} is above"
            raise refused(row, "account_kind", row.account_kind, expected)


def _labels(
    transactions: Sequence[Transaction], opening: Sequence[OpenLot]
) -> dict[str, str]:
    labels: dict[str, str] = {}
    for lot in opening:
        # An open lot names its group even where nobody gave it one: the asset.
        if lot.identical not in {"", lot.asset}:
            label = labels.setdefault(lot.asset, lot.identical)
            if label != lot.identical:
                expected = f"{label}, as for another lot of {lot.asset}"
                raise refused_lot(lot, "identical", lot.identical, expected)
    for row in transactions:
        if row.identical:
            label = labels.setdefault(row.asset, row.identical)
            if label != row.identical:
                expected = f"{label}, as for {row.asset} above"
                raise refused(row, "identical", row.identical, expected)
    return _joined(transactions, opening, labels)


def _joined(
    transactions: Sequence[Transaction],
    opening: Sequence[OpenLot],
    labels: dict[str, str],
) -> dict[str, str]:
    """Refuse a label that leads on to another: the two groups would not join."""
    for lot in opening:
        group = labels.get(lot.identical, lot.identical)
        if lot.identical not in {group, lot.asset}:
            expected = f"{group}, the group of asset {lot.identical}"
            raise refused_lot(lot, "identical", lot.identical, expected)
    for row in transactions:
        group = labels.get(row.identical, row.identical)
        if group != row.identical:
            expected = f"{group}, the group of asset {row.identical}"
            raise refused(row, "identical", row.identical, expected)
    return labels


def refused_lot(lot: OpenLot, name: str, found: object, expected: str) -> DataError:
    """The refusal of one field of an opening lot."""
    return DataError(
        f"opening lot {lot.lot} of {lot.asset} in account {lot.account}, {name} is "
        f"{found}, expected {expected}"
    )


def refused_crossing(row: Transaction, origin: str, kind: AccountKind) -> DataError:
    """The refusal of a transfer between an IRA and another account.

    A contribution in shares is a sale of them (Commissioner v. Keystone Consol. Indus.,
    508 U.S. 152), and an IRA takes contributions in cash alone (26 U.S.C. 408(a)(1)).
    Shares that leave are a distribution, valued that day (26 U.S.C. 408(d)(1)).
    """
    into = (
        "shares that enter an IRA are a deemed sale, which the ledger does not do, and "
        "an IRA takes only cash: enter a sell here and a buy in the IRA if that is what "
        "was done, or leave the row out"
    )
    out = (
        "shares that leave an IRA are a distribution, which the ledger does not do: "
        "enter a sell in the IRA and a buy at the value of that day"
    )
    why = out if kind is AccountKind.IRA else into
    expected = f"{kind}, as account {origin} is; {why}"
    return refused(row, "account_kind", row.account_kind, expected)
