"""Tools of others, run on the same accounts and judged by the same referee."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from sma_benchmarks.peers.peer import Peer, PeerAnswer

__all__ = ["PEERS", "Peer", "PeerAnswer"]

PEERS: Final[Mapping[str, Peer]] = MappingProxyType({})
