"""Where rows were computed, as far as the path of a solver depends on it.

A platform is an operating system and a kind of processor, such as ``Linux x86_64``. With
the same platform, solver version and data, down to the last bit, iterations and nodes
are the same up to rounding, which `worsening.work` leaves room for: other kernels of
linear algebra, and other versions of numpy and scipy, move them by less than a percent.
"""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import pandas as pd

PLATFORM: Final = "platform"  # the column


def placed(runs: "pd.DataFrame", machines: "pd.DataFrame") -> "pd.DataFrame":
    """The rows with the platform of each, empty where its machine is not described."""
    if not {"machine_id", "system"} <= set(machines.columns):
        return runs.assign(**{PLATFORM: ""})
    named = {
        str(row.machine_id): platform(str(row.system)) for row in machines.itertuples()
    }
    found = [named.get(str(name), "") for name in runs["machine_id"]]
    return runs.assign(**{PLATFORM: found})


def platform(system: str) -> str:
    """First and last word of a machine's ``system``: its name and its processor's kind.

    Rows of before the processor was told end in the kernel's release: these are on the
    same platform only where that is the same.
    """
    words = system.split()
    return f"{words[0]} {words[-1]}" if words else ""
