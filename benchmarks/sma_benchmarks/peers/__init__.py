"""Tools of others, run on the same accounts and judged by the same referee."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from sma_benchmarks.peers.benchmark_tracker import BenchmarkTracker
from sma_benchmarks.peers.copt import Copt
from sma_benchmarks.peers.peer import Peer, PeerAnswer
from sma_benchmarks.peers.single_period import SinglePeriod
from sma_benchmarks.peers.tax_rebalance import TaxRebalance

__all__ = ["PEERS", "Peer", "PeerAnswer"]

_ALL: Final[tuple[Peer, ...]] = (
    BenchmarkTracker(), TaxRebalance(), SinglePeriod(), Copt(),
)  # fmt: skip
PEERS: Final[Mapping[str, Peer]] = MappingProxyType({peer.name: peer for peer in _ALL})
