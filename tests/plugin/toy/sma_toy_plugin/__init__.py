"""A backend of a third party: LPs and QPs by a dense interior point."""

from sma_toy_plugin.backend import Toy

__all__ = ["Toy"]
