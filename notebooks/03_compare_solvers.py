# %% [markdown]
# # Which solver?
#
# A production solver is chosen by what it delivers: how close to the best portfolio, how
# soon, on which accounts, and whether its claims hold. This notebook measures five
# methods on small synthetic accounts. Every solve runs in a process of its own, and every
# answer is judged by the same referee, which never trusts a solver.

# %%
import subprocess
import sys
import tempfile
from pathlib import Path

import pandas as pd

pd.options.display.width = 120
folder = Path(tempfile.mkdtemp())
sma = Path(sys.executable).with_name("sma")


def run(*words: object) -> str:
    """One command line, its output as text."""
    asked = [str(sma), *map(str, words)]
    return subprocess.run(asked, capture_output=True, text=True, check=False).stdout


# %% [markdown]
# ## A suite is a file
#
# Instances, methods and budgets. A method is a backend in a formulation with its
# settings; a grid in brackets makes several instances of one line.

# %%
(folder / "choice.toml").write_text("""
name = "choice"
description = "At most k of n names, five methods."
tier = "smoke"
instances = ["names:n=[40,80],k=[15,25],factors=5"]
methods = [
  "clarabel",
  "clarabel[formulation=relax+round_and_polish]",
  "osqp",
  "highs",
  "highs[formulation=round_and_polish]",
]

[budget]
time_limit_s = 1.0
memory_limit_mb = 2048.0
target_gap = 0.01
""")
print(
    run("bench", "run", folder / "choice.toml", "--out", folder / "runs", "--dry-run")
)

# %%
print(run("bench", "run", folder / "choice.toml", "--out", folder / "runs"))

# %% [markdown]
# ## What each method delivered
#
# Regret is the tracking error above the best verified portfolio that *anybody* found. The
# gap is certified: recomputed from the method's own multipliers.

# %%
from sma_benchmarks.scores import scored
from sma_benchmarks.store import read

scores = scored(read(folder / "runs"))
columns = ["instance", "method", "outcome", "te_bp", "regret_bp", "gap", "wall_s"]
shown = scores.runs[columns].sort_values(["instance", "regret_bp"])
shown.round(4).reset_index(drop=True)

# %% [markdown]
# ## One row per method
#
# Time counts only where the quality is there: `reached` is the share of instances within
# 1 bp of the best, `time_s` the shifted geometric mean of the seconds that took, an
# instance missed charged twice its limit. The interval draws whole families of instances.

# %%
summary = ["method", "verified", "wrong", "reached", "regret_bp", "gap", "time_s"]
scores.methods[summary].round(4)

# %% [markdown]
# The shift of that mean comes from the suite, so that neither noise of the smallest
# instance nor one slow solve decides.

# %%
print(f"shift {1e3 * scores.shift_s:.1f} ms; may be published: {scores.publishable}")

# %% [markdown]
# ## Does a difference stand?
#
# Two methods on the same instances, pair by pair, interleaved in one run. With four pairs
# the honest verdict on time is that there are too few.

# %%
from sma_benchmarks.compare import compare
from sma_benchmarks.gate import described


def rows_of(method: str) -> pd.DataFrame:
    """Rows of one method under a name that both sides share."""
    return scores.runs[scores.runs["method"] == method].assign(method="pair")


found = compare(rows_of("clarabel"), rows_of("osqp"))
print(found.decision)
for line in described(found):
    print(line)

# %% [markdown]
# ## Evidence for others
#
# `sma bench report` writes one HTML file that opens offline, with every page from the
# choice of a solver down to the log of a single solve; `sma bench gate` and
# `sma bench compare` decide in continuous integration; `sma bench verify` moves the best
# known portfolio and bound of every instance, forwards only.

# %%
print(run("bench", "gate", folder / "runs"))
assert scores.publishable
