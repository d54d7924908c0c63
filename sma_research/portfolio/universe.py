"""The assets that may be held: names, prices and classifications, as columns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from sma_research.arrays import Index, Mask, Vector, frozen_mask, frozen_vector
from sma_research.errors import DataError
from sma_research.fields import require_fields
from sma_research.portfolio.checks import (
    require_at_least,
    require_finite,
    require_known,
    require_positive,
    require_shape,
    require_unique,
)

KINDS = ("stock", "etf", "cash")


@dataclass(frozen=True, eq=False, kw_only=True)
class Universe:
    """Assets by position; every vector of the market follows this order.

    Raises
    ------
    DataError
        A duplicate identifier, a price that is not above zero, an unknown kind,
        or a column of another length.
    """

    asset: Sequence[str]  # (n,) identifiers, each once
    price: ArrayLike  # (n,) USD per share
    sector: Sequence[str]  # (n,)
    industry: Sequence[str]  # (n,)
    kind: Sequence[str]  # (n,) "stock", "etf" or "cash"
    identical: Sequence[str] | None = None  # (n,) substantially identical group
    tags: Mapping[str, ArrayLike] = field(default_factory=dict)  # name -> (n,) mask
    adv: ArrayLike | None = None  # (n,) average daily volume, USD
    spread: ArrayLike | None = None  # (n,) quoted bid-ask spread, fraction of price

    def __post_init__(self) -> None:
        require_fields(self)
        put = object.__setattr__
        for name in ("asset", "sector", "industry", "kind"):
            put(self, name, tuple(str(value) for value in getattr(self, name)))
        n = len(self.asset)
        if not n:
            raise DataError("the universe holds no asset, expected at least one")
        require_unique("asset", self.asset)
        for name in ("sector", "industry", "kind", "identical"):
            column = getattr(self, name)
            if column is not None and len(column) != n:
                raise DataError(f"{name} has {len(column)} entries, expected {n}")
        require_known("kind", self.kind, KINDS)
        put(self, "price", frozen_vector(self.price, "price"))
        require_shape("price", self.price, (n,))  # type: ignore[arg-type]
        require_finite("price", self.price, self.asset)  # type: ignore[arg-type]
        require_positive("price", self.price, self.asset)  # type: ignore[arg-type]
        tags = {t: frozen_mask(mask, f"tag {t!r}") for t, mask in self.tags.items()}
        put(self, "tags", tags)
        for tag, mask in tags.items():
            require_shape(f"tag {tag!r}", mask, (n,))
        self._check_optional(n)

    def _check_optional(self, n: int) -> None:
        put = object.__setattr__
        for name in ("adv", "spread"):
            if getattr(self, name) is not None:
                put(self, name, frozen_vector(getattr(self, name), name))
                column = getattr(self, name)
                require_shape(name, column, (n,))
                require_finite(name, column, self.asset)
                require_at_least(name, column, 0.0, self.asset)
        if self.identical is not None:
            put(self, "identical", tuple(str(value) for value in self.identical))

    @property
    def size(self) -> int:
        """Number of assets."""
        return len(self.asset)

    @cached_property
    def position(self) -> Mapping[str, int]:
        """Position of each asset."""
        return {asset: i for i, asset in enumerate(self.asset)}

    def positions(self, what: str, assets: Sequence[str]) -> Index:
        """Positions of some assets, refusing unknown ones.

        Raises
        ------
        DataError
            Names the unknown identifiers; ``what`` says where they stood.
        """
        require_known(what, assets, self.asset)
        return np.array([self.position[a] for a in assets], dtype=np.intp)

    def is_kind(self, kind: str) -> Mask:
        """Assets of one kind ``(n,)``."""
        return np.array([k == kind for k in self.kind], dtype=np.bool_)

    def in_sector(self, sector: str) -> Mask:
        """Assets of one sector ``(n,)``."""
        return np.array([s == sector for s in self.sector], dtype=np.bool_)

    @cached_property
    def identical_group(self) -> Index:
        """Group of every asset ``(n,)``, the same for substantially identical ones.

        An asset without a group is one on its own.
        """
        named = self.identical or self.asset
        names = [g or a for g, a in zip(named, self.asset, strict=True)]
        return np.unique(np.array(names), return_inverse=True)[1].astype(np.intp)

    @cached_property
    def cost_rate(self) -> Vector:
        """Cost of trading one unit of weight, half the quoted spread ``(n,)``."""
        if self.spread is None:
            return frozen_vector(np.zeros(self.size))
        return frozen_vector(0.5 * np.asarray(self.spread))
