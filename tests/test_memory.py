"""Twenty thousand assets are built within a gigabyte: nothing is n by n."""

import subprocess
import sys

CODE = """
import resource
import sma_research as sma
resource.setrlimit(resource.RLIMIT_DATA, (2**30, 2**30))
market = sma.synthetic_market(n_assets=20_000, n_factors=20, n_etfs=4)
mandate = sma.Mandate(target={"broad": 1.0}, max_weight=0.05, kinds={"stock"})
account = sma.Account(account_id="A", cash=1e6, mandate=mandate)
problem = sma.Problem(market=market, account=account)
report = sma.solve(problem, solver="osqp")
assert report.solved, report.message
"""


def test_twenty_thousand_assets_in_a_gigabyte() -> None:
    done = subprocess.run(
        [sys.executable, "-c", CODE], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
