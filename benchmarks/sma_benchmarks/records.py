"""The tables a run leaves behind, as data: name, type, unit and meaning of each column.

Numbers that were not reached are null, never a large number. Columns marked as key
make up ``row_id``: the same solve asked for twice has one row.
"""

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

from sma_research.errors import DataError

VERSION: Final = 1
LONGEST: Final = 2000  # characters of a message
Value: TypeAlias = str | int | float | bool | None
Row: TypeAlias = Mapping[str, Value]
Kind: TypeAlias = Literal["text", "float", "int", "bool"]
_TYPES: Final[Mapping[Kind, tuple[type, ...]]] = MappingProxyType({
    "text": (str,), "float": (float, int), "int": (int,), "bool": (bool,),
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table."""

    name: str
    kind: Kind
    unit: str
    meaning: str
    key: bool = False


def _columns(text: str) -> tuple[Column, ...]:
    """Columns from lines ``name kind unit meaning``; a star marks the key."""
    out = []
    for line in text.strip().splitlines():
        name, kind, unit, meaning = line.split(None, 3)
        if kind not in _TYPES:
            raise DataError(f"column {name}: kind {kind!r} is unknown")
        known: Kind = next(k for k in _TYPES if k == kind)
        out.append(Column(name.rstrip("*"), known, unit, meaning, name.endswith("*")))
    return tuple(out)


RUNS: Final = _columns("""
schema_version int - version of this table
row_id text - sha256 of the key columns
suite* text - suite by name
suite_hash text - sha256 of the frozen suite
family text - cluster of instances that resemble each other
instance* text - reference that loads the instance
instance_hash* text - sha256 of the abstract problem
kind text - account, program, book or path
n_assets int - assets, or columns of a program
n_factors int - risk factors
n_lots int - tax lots
k_names int - most names allowed
method* text - solver[formulation=...,setting=...]
solver text - backend or peer, with its engine
formulation text - the chain that was solved
exactness text - exact, relaxation, restriction or surrogate
solver_version text - of the library
licence text - licence class of the engine
settings text - JSON of all settings sent
start_mode* text - cold or hot (the account before it was solved in the same session)
seed* int - seed sent to the solver
repeat* int - number of the repetition
order_index int - position in the interleaved schedule
threads* int - threads allowed
time_limit_s* float s soft limit sent to the solver
grace_s float s time past the limit before the process is killed
memory_limit_mb* float MB resident memory before the process is killed
target_gap* float - relative gap asked for
outcome text - given by the referee, see `outcome`
stop_reason text - answered, time, memory, signal, error
status_claimed text - status or termination as claimed
message text - what was said, at most 2000 characters
objective_claimed float value objective as claimed
bound_claimed float value bound as claimed
claim_mismatch bool - a claimed objective differs from the recomputed one
te_raw_bp float bp tracking error before repair
breach_bp float bp largest breach before repair, of account value
breaches text - JSON of limit to breach before repair
repair_bp float bp half the sum of changes made by the repair, of value
te_bp float bp tracking error after repair: the figure that is ranked
objective float value objective recomputed after repair
bound float value certified bound, recomputed from multipliers
bound_te_bp float bp tracking error that the bound leaves possible
bound_room float value what the audit's tolerance is worth at the bound's multipliers
risk_aversion float - price of variance in the objective; of a book the accounts' sum
gap float - (objective - bound) / max(|objective|, 1e-10)
bound_search float value bound a tree search claims and no fact contradicts
names int - holdings
largest_weight float - largest holding
active_share float - half the sum of absolute active weights
turnover float - one-way
trades int - trades by lot
tax_bp float bp tax on the trades
short_term_gain float value realized, net
long_term_gain float value realized, net
transaction_cost_bp float bp half spreads
te_realized_bp float bp out of sample, annual, where the instance has a path
accounts int - accounts in a book
accounts_solved int - of them verified
accounts_per_s float 1/s answers per second of a book
build_s float s program from problem
compile_s float s solver prepared
solve_s float s inside the solve call
recover_s float s trades from the solution
audit_s float s referees inside the solve
wall_s float s from the start signal to the answer
cpu_s float s processor time of the process in that interval
check_s float s the harness's own judging
peak_mb float MB peak resident memory of the process
iterations int count of the solver
nodes int count of the tree
cuts int count added
columns int count of the program
binaries int count of the program
rows int count of the program
nonzeros int count of the program's rows
time_to_10bp float s until within 10 bp of the best bound
time_to_5bp float s until within 5 bp
time_to_2bp float s until within 2 bp
time_to_1bp float s until within 1 bp
time_to_0p5bp float s until within 0.5 bp
primal_dual_integral float bp*s gap over time in bp of tracking error, capped at 100 bp
canary_ratio float - reference work now over its calibration
load_average float - of one minute, before the solve
machine_id text - key of the table of machines
git_commit text - of the code measured
git_dirty bool - whether files differed from it
finished_utc text - end, ISO 8601
answer_blob text - sha256 of the vectors
log_blob text - sha256 of the log
""")

EVENTS: Final = _columns("""
row_id text - of the solve
elapsed_s float s since the start signal
kind text - incumbent or bound
value float value objective or bound as claimed
te_bp float bp the same as tracking error, other terms as in the final answer
verified bool - whether the vector was judged
""")

PERIODS: Final = _columns("""
row_id text - of the solve
period int - number of the rebalance
date text - ISO 8601
outcome text - of this rebalance
te_bp float bp ex ante
te_realized_bp float bp until the next rebalance, annual
turnover float - one-way
tax_bp float bp on the trades
names int - holdings
gap float - certified, relative
solve_s float s of this rebalance
""")

MACHINES: Final = _columns("""
machine_id text - sha256 of what follows, up to blas: of what is not measured
system text - operating system, its release, kind of processor
processor text - model
cores int - available to the process
memory_mb float MB of the machine
python text - version
packages text - JSON of package to version
blas text - libraries and their threads
calibration_s float s reference work, median when the run began
noise float - half width of the ratio of two interleaved halves of it
""")

TABLES: Final = MappingProxyType({
    "runs": RUNS, "events": EVENTS, "periods": PERIODS, "machines": MACHINES,
})  # fmt: skip
KEY: Final = tuple(column.name for column in RUNS if column.key)


def row_id(values: Mapping[str, Value]) -> str:
    """``sha256`` of the key columns as canonical JSON.

    Raises
    ------
    DataError
        A key column is missing.
    """
    missing = [name for name in KEY if name not in values]
    if missing:
        raise DataError(f"no value for {', '.join(missing)}, needed for row_id")
    key = {name: values[name] for name in KEY}
    return hashlib.sha256(json.dumps(key, sort_keys=True).encode()).hexdigest()


def checked(table: str, row: Row) -> dict[str, Value]:
    """The row with every column of the table, null where nothing was given.

    Raises
    ------
    DataError
        An unknown column, a value of the wrong type, or a number that is not finite.
    """
    columns = {column.name: column for column in TABLES[table]}
    unknown = sorted(set(row) - set(columns))
    if unknown:
        raise DataError(f"{table} has no column {', '.join(unknown)}")
    for name, value in row.items():
        if not _fits(columns[name].kind, value):
            raise DataError(
                f"{table}.{name} is {value!r}, expected a finite {columns[name].kind} "
                "or null"
            )
    return {name: row.get(name) for name in columns}


def _fits(kind: Kind, value: Value) -> bool:
    if value is None:
        return True
    if isinstance(value, bool):
        return kind == "bool"
    if isinstance(value, float) and not math.isfinite(value):
        return False
    return isinstance(value, _TYPES[kind])
