"""The versioned JSON of a report. Infinite numbers and NaN are written as null."""

import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from importlib.metadata import version
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from sma_research.portfolio.metrics import Metrics
from sma_research.portfolio.priced import LedgerPrice
from sma_research.program.backend import BackendInfo
from sma_research.program.verify import Residuals
from sma_research.report import Proof, Report, Status

LIBRARIES = ("sma-research", "numpy", "scipy", "pandas", "pyarrow", "pydantic")


class Record(BaseModel):
    """A JSON object of the report file."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        use_attribute_docstrings=True,
        ser_json_inf_nan="null",
    )


class FindingRecord(Record):
    """One clause that the proposal breaks."""

    clause: str
    """Field of the mandate, or law of the books."""
    subject: str
    """Asset, sector, factor or lot; empty for the account."""
    value: float | None
    """What the proposal has."""
    limit: float | None
    """What the clause allows."""
    excess: float | None
    """Beyond the limit, in the unit of the clause."""


class IncumbentRecord(Record):
    """A better portfolio found while solving."""

    elapsed_s: float
    """Seconds since the start of the solve."""
    objective: float | None
    """Objective of the program, scaled."""
    bound: float | None
    """Bound proven at that time, scaled."""


class ReportRecord(Record):
    """The answer for one account. Weights are decimals of account value."""

    account_id: str
    """Name of the account."""
    universe: list[str]
    """Kinds the mandate holds; empty when the account could not be read."""
    value: float | None
    """Account value, USD, contribution counted."""
    status: Status
    """What the referees say."""
    message: str
    """One line, when there is no portfolio or it failed the audit."""
    solver: str
    """Backend asked."""
    formulation: str
    """Formulation asked."""
    metrics: Metrics | None
    """Figures of the portfolio, decimals; tracking error is annual."""
    ledger: LedgerPrice | None
    """The trades as the ledger sees them, USD; differences from the model by cause."""
    bound: float | None
    """Proven lower bound of the objective, value per year."""
    gap: float | None
    """(objective - bound) / max(|objective|, 1e-10)."""
    tracking_error_gap: float | None
    """How much lower the tracking error could at most be, annual."""
    certified_bound: float | None
    """The bound that multipliers certify, value per year."""
    proof: Proof
    """Where the bound comes from."""
    findings: list[FindingRecord]
    """Clauses broken; empty when the audit passed."""
    conflict: list[str]
    """Why no portfolio exists, in the client's words."""
    residuals: Residuals | None
    """Violations of the program, absolute, scaled."""
    termination: str
    """The solver's claim."""
    native_status: str
    """The solver's claim in its own words."""
    phases: dict[str, float]
    """Seconds by phase."""
    counters: dict[str, float]
    """Iterations, nodes and the like."""
    incumbents: list[IncumbentRecord]
    """Better portfolios in the order found."""


class MarketRecord(Record):
    """The market of all reports."""

    as_of: date
    """Its date."""
    source: str
    """Where it comes from, in words."""
    synthetic: bool
    """Whether every number in it is made up."""
    n_assets: int
    """Assets, funds counted."""
    n_factors: int
    """Risk factors."""


class ReportFile(Record):
    """All reports of one run."""

    schema_name: Annotated[Literal["sma.report/1"], Field(alias="schema")] = (
        "sma.report/1"
    )
    """Name and version of this format."""
    complete: bool
    """Whether every account of the book has its report."""
    market: MarketRecord
    """The market of all reports."""
    versions: dict[str, str]
    """Versions of Python, of this project and of the libraries."""
    reports: list[ReportRecord]
    """One for each account, in the order of the book."""


def report_record(report: Report) -> ReportRecord:
    """The JSON object of one report."""
    problem = report.problem
    return ReportRecord(
        account_id=report.account_id,
        universe=sorted(problem.account.mandate.kinds) if problem else [],
        value=problem.value if problem else None,
        status=report.status,
        message=report.message,
        solver=report.solver,
        formulation=report.formulation,
        metrics=report.metrics,
        ledger=report.ledger,
        bound=report.bound,
        gap=report.gap,
        tracking_error_gap=report.tracking_error_gap,
        certified_bound=report.certified_bound,
        proof=report.proof,
        findings=[FindingRecord(**asdict(finding)) for finding in report.findings],
        conflict=list(report.conflict),
        residuals=report.residuals,
        termination=str(report.termination),
        native_status=report.native_status,
        phases=dict(report.phases),
        counters=dict(report.counters),
        incumbents=[
            IncumbentRecord(
                elapsed_s=found.elapsed_s, objective=found.objective, bound=found.bound
            )
            for found in report.incumbents
        ],
    )


def report_json(
    market: MarketRecord,
    records: Sequence[ReportRecord],
    *,
    versions: dict[str, str],
    complete: bool,
) -> str:
    """Text of the report file."""
    file = ReportFile(
        complete=complete, market=market, versions=versions, reports=list(records)
    )
    return file.model_dump_json(by_alias=True, indent=1) + "\n"


def library_versions(backend: BackendInfo | None = None) -> dict[str, str]:
    """Versions of Python, this project, its libraries and the backend's library."""
    found = {"python": sys.version.split()[0]}
    found |= {name: version(name) for name in LIBRARIES}
    if backend is not None:
        found[backend.library] = backend.version
    return found


def report_schema() -> dict[str, object]:
    """JSON Schema of report files."""
    return ReportFile.model_json_schema(by_alias=True, mode="serialization")
