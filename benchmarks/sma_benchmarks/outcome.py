"""What became of a solve: a closed list, given by the referee, never by a solver.

===================  ==================================================================
group                how it is scored
===================  ==================================================================
verified             a portfolio that holds every limit; ranked on quality and time
wrong                claimed what is not so; worse than a timeout, never on quality
failed               no portfolio; charged by the named penalty in time
coverage             not for this method; counted apart, never as slow
broken               the harness itself failed; nothing may be published
===================  ==================================================================
"""

from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Outcome(StrEnum):
    """The closed taxonomy, best first."""

    CERTIFIED_OPTIMAL = "certified_optimal"  # feasible, gap within what was asked
    INFEASIBLE_VERIFIED = "infeasible_verified"  # claimed, and proven by the core
    VERIFIED_FEASIBLE = "verified_feasible"  # feasible, gap open
    REPAIRED = "repaired"  # feasible after the documented repair
    TIMEOUT_NO_SOLUTION = "timeout_no_solution"  # stopped in time, no portfolio
    HARD_KILL = "hard_kill"  # ignored its time limit and was killed
    OOM = "oom"  # passed its memory limit
    CRASH = "crash"  # ended by a signal
    EXCEPTION = "exception"  # raised, or answered what cannot be read
    LICENCE = "licence"  # no licence here, or one too small
    UNSUPPORTED = "unsupported"  # declared: the method cannot state the instance
    WRONG_FEASIBLE = "wrong_feasible"  # claimed feasible, breaks limits beyond repair
    WRONG_BOUND = "wrong_bound"  # claimed bound above a verified portfolio
    WRONG_STATUS = "wrong_status"  # claimed infeasible, a portfolio is known
    HARNESS_ERROR = "harness_error"


class Group(StrEnum):
    """How an outcome is scored."""

    VERIFIED = "verified"
    FAILED = "failed"
    COVERAGE = "coverage"
    WRONG = "wrong"
    BROKEN = "broken"


_GROUPS: Final = {
    Group.VERIFIED: ("certified_optimal", "infeasible_verified", "verified_feasible",
                     "repaired"),
    Group.FAILED: ("timeout_no_solution", "hard_kill", "oom", "crash", "exception"),
    Group.COVERAGE: ("licence", "unsupported"),
    Group.WRONG: ("wrong_feasible", "wrong_bound", "wrong_status"),
    Group.BROKEN: ("harness_error",),
}  # fmt: skip
GROUP: Final = MappingProxyType(
    {Outcome(name): group for group, names in _GROUPS.items() for name in names}
)
SEVERITY: Final = MappingProxyType({o: rank for rank, o in enumerate(Outcome)})


def verified(outcome: Outcome) -> bool:
    """Whether there is an answer that the referee stands behind."""
    return GROUP[outcome] is Group.VERIFIED
