# %% [markdown]
# # Taxes and harvesting
#
# A client brings a portfolio with gains and losses, and has sold a house at a gain
# this year. What is sold, and when, decides what the tax office gets. The market below
# is synthetic: every number is made up.

# %%
from dataclasses import replace
from datetime import timedelta

import numpy as np

import sma_research as sma

market = sma.synthetic_market(n_assets=300, n_factors=20, n_etfs=4, seed=0)
universe = market.universe
rng = np.random.default_rng(1)
largest = np.argsort(-np.asarray(market.benchmarks["large"]))[:40]
asset = np.repeat(largest, 2)
price = np.asarray(universe.price)[asset]
lots = sma.Lots(
    asset=[universe.asset[i] for i in asset],
    shares=rng.uniform(5_000, 20_000, asset.size) / price,
    cost_per_share=price * rng.uniform(0.6, 1.4, asset.size),
    acquired=[market.as_of - timedelta(days=int(d)) for d in rng.integers(40, 900, 80)],
)
mandate = sma.Mandate(target={"large": 1.0}, kinds={"stock"}, max_weight=0.2)
account = sma.Account(
    account_id="A",
    mandate=mandate,
    lots=lots,
    cash=50_000.0,
    tax_rates=sma.TaxRates(short_term=0.37, long_term=0.20),
    year_to_date=sma.YearToDate(held_away_long=40_000.0),
)


def built(**wishes):
    changed = replace(account, mandate=replace(mandate, **wishes))
    return sma.solve(sma.Problem(market=market, account=changed))


# %% [markdown]
# Tax against risk: losses lower the tax on the house, and each costs some risk, because
# nothing is bought on the day it, or its identical like, is sold at a loss: that would
# be a wash sale. The higher the price of risk, the less is harvested. Once the gain of
# the house is gone, 3,000 USD count against other income, and more is worth nothing.

# %%
for aversion in (2.0, 20.0, 200.0):
    m = built(risk_aversion=aversion).metrics
    print(f"risk aversion {aversion:5.0f}: {1e4 * m.tracking_error:6.1f} bp, "
          f"tax {1e4 * m.tax:7.1f} bp")  # fmt: skip

# %% [markdown]
# ## The household's last 30 days
#
# The spouse bought the client's largest loss ten days ago. Sold now, its loss would be
# disallowed as far as the spouse's shares go. What to do about it is the mandate's
# choice; the report says how the ledger sees the trades.

# %%
problem = sma.Problem(market=market, account=account)
worst = int(np.argmin(problem.gain_rate * problem.lot_value))
history = sma.TradeHistory(
    asset=[lots.asset[worst]],
    date=[market.as_of - timedelta(days=10)],
    side=["buy"],
    shares=[0.5 * float(lots.quantity[worst])],
    account=["spouse"],
)
household = replace(account, history=history)
for mode, solver in (("forbid", "clarabel"), ("no_credit", "clarabel"),
                     ("price", "highs"), ("ignore", "clarabel")):  # fmt: skip
    changed = replace(household, mandate=replace(mandate, wash_sales=mode))
    report = sma.solve(sma.Problem(market=market, account=changed), solver=solver)
    sold = report.rebalance.sell[worst] / lots.quantity[worst]
    print(f"{mode:9s} sells {sold:4.0%} of it, tax {report.ledger.model_tax:10,.0f} USD, "
          f"by the ledger {report.ledger.tax:10,.0f} USD", report.ledger.differences)  # fmt: skip

# %% [markdown]
# ## Budgets and harvests
#
# Sums of gains and losses, short-term, long-term or both, can be limited from both
# sides; all are fractions of the account.

# %%
for wishes in (
    {},
    {"gain_limits": {"total_loss": (0.0, 0.02)}},
    {"gain_limits": {"short_gain": (-np.inf, 0.0)}},
    {"min_harvest": 0.06},
    {"min_holding_days": 180},
):
    m = built(**wishes).metrics
    print(f"{wishes!s:52s} short {1e4 * m.short_term_gain:7.1f} bp, "
          f"long {1e4 * m.long_term_gain:7.1f} bp, TE {1e4 * m.tracking_error:5.1f} bp")  # fmt: skip

# %% [markdown]
# ## A year's netting
#
# A loss is worth what it offsets. Exact netting, the default, is the least of two
# convex programs. Rate times gain, lot by lot, is a proxy that is taken only on request
# (`tax_model="linear"`): it harvests losses that offset nothing, and pays for them in
# tracking error. Its error is part of every report.

# %%
years = {
    "nothing else": sma.YearToDate(),
    "the house": sma.YearToDate(held_away_long=40_000.0),
    "losses carried in": sma.YearToDate(carry_long=60_000.0),
}
for name, year in years.items():
    for model in ("linear", "netted"):
        client = replace(
            account, year_to_date=year, mandate=replace(mandate, tax_model=model)
        )
        m = sma.solve(sma.Problem(market=market, account=client)).metrics
        print(f"{name:26s} {model:7s} says {1e4 * m.tax:7.1f} bp, exactly "
              f"{1e4 * m.netted_tax:7.1f} bp, TE {1e4 * m.tracking_error:5.1f} bp")  # fmt: skip

# %% [markdown]
# ## Substitutes
#
# Two names for one exposure: the second stands in where the first may not be held or
# bought, at a price.

# %%
first, second = (universe.asset[int(i)] for i in largest[:2])
pair = sma.Equivalents(assets=[first, second], step_price=0.001, lower=0.1)
for excluded in (frozenset(), {first}):
    weights = built(equivalents=[pair], exclude=excluded).weights
    print(sorted(excluded), {name: round(float(weights.get(name, 0.0)), 4)
                             for name in (first, second)})  # fmt: skip
