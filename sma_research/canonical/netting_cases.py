"""The convex cases of exact netting: each a program of its own on one structure.

Tax is the least of two convex functions, so the least objective is the least of two
convex programs, and the lesser of their bounds bounds it. Both need the same rows; a
case leaves those of the other without a lower side.
"""

from dataclasses import replace

import numpy as np

from sma_research.canonical.build import Program
from sma_research.portfolio.netting import pieces


def netting_cases(program: Program) -> tuple[Program, ...]:
    """The programs whose best answer is the account's; itself if nothing is netted."""
    if not program.layout.shape.netted:
        return (program,)
    account, at = program.problem.account, program.structure.rows["tax_pieces"]
    sizes = [len(p) for p in pieces(account.tax_rates, 0.0)]
    case = np.repeat(np.arange(len(sizes)), sizes)
    out = []
    for chosen in range(len(sizes)):
        lower = program.parameters.row_lower.copy()
        lower[at] = np.where(case == chosen, lower[at], -np.inf)
        parameters = replace(program.parameters, row_lower=lower)
        out.append(replace(program, parameters=parameters))
    return tuple(out)
