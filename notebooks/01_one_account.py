# %% [markdown]
# # One account
#
# A client wants the broad US market, never Microsoft, at most 100 names of at most
# 5 % each. The market below is synthetic: every number in it is made up.

# %%
import sma_research as sma

market = sma.synthetic_market(n_assets=500, n_factors=20, n_etfs=12, seed=0)
mandate = sma.Mandate(
    target={"large": 0.7, "mid": 0.2, "small": 0.1},
    kinds={"stock"},
    max_names=100,
    max_weight=0.05,
    tracking_error_cap=0.05,
    exclude={"MSFT"},
)
account = sma.Account(account_id="A", cash=1_000_000.0, mandate=mandate)
problem = sma.Problem(market=market, account=account)
report = sma.solve(problem)
report.status

# %% [markdown]
# The tracking error, and how much lower it could be at most. The bound is recomputed
# from multipliers by code that never saw the solver.

# %%
print(f"{1e4 * report.metrics.tracking_error:.1f} bp")
print(f"at most {1e4 * report.tracking_error_gap:.2f} bp above the least possible")
report.weights.head(10)

# %% [markdown]
# Every restriction costs tracking error. Screens on top of the employer's stock:

# %%
from dataclasses import replace

for screens in (set(), {"tobacco"}, {"tobacco", "alcohol", "fossil_fuel"}):
    stricter = replace(account, mandate=replace(mandate, screens=screens))
    answer = sma.solve(sma.Problem(market=market, account=stricter))
    print(sorted(screens), f"{1e4 * answer.metrics.tracking_error:.1f} bp")

# %% [markdown]
# The same problem by other solvers. The gap says what each one proves.

# %%
for solver in ("clarabel", "osqp"):
    answer = sma.solve(problem, solver=solver)
    print(
        solver,
        answer.formulation,
        f"{1e4 * answer.metrics.tracking_error:.2f} bp",
        f"gap {answer.gap:.3%}",
        f"{answer.total_s:.2f} s",
    )

# %% [markdown]
# A mandate that cannot be met says why.

# %%
tight = replace(account, mandate=replace(mandate, max_weight=0.005))
sma.solve(sma.Problem(market=market, account=tight)).conflict
