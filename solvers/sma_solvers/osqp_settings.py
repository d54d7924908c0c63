"""What OSQP is told, every name and type checked before it is."""

from contextlib import redirect_stdout
from io import StringIO
from typing import Any, Final

import osqp

from sma_research.errors import SettingError
from sma_research.program.backend import Settings

FOREVER: Final = 1e10  # OSQP's own "no limit", in seconds


def options(settings: Settings) -> dict[str, Any]:
    """Settings by OSQP's names.

    Raises
    ------
    SettingError
        A native setting OSQP does not have, or one of the wrong type.
    """
    defaults = _defaults()
    for name, value in settings.native.items():
        if name not in defaults:
            raise SettingError(
                f"osqp has no setting {name!r}; it has {', '.join(sorted(defaults))}"
            )
        expected = (int, float) if isinstance(defaults[name], float) else int
        if not isinstance(value, expected):
            raise SettingError(
                f"osqp setting {name} is {value!r}, expected a number like "
                f"{defaults[name]!r}"
            )
    return {
        "polishing": True,
        "eps_abs": settings.tolerance,
        "eps_rel": 0.0,
        # OSQP's own 1e-4 may call a thin feasible set empty.
        "eps_prim_inf": settings.tolerance,
        "eps_dual_inf": settings.tolerance,
        # On tracking programs in percent, 500 to 3,000 stocks: 75 to 200 iterations,
        # where 1.0 needs 125 to 625 and 0.1 up to 475.
        "rho": 0.3,
        "max_iter": 100_000,
        "time_limit": min(settings.time_limit_s, FOREVER),
        **settings.native,
        "verbose": False,
    }


def _defaults() -> dict[str, float]:
    native = osqp.ext_builtin.OSQPSettings()
    osqp.ext_builtin.osqp_set_default_settings(native)
    names = (name for name in dir(native) if not name.startswith("_"))
    values = {name: getattr(native, name) for name in names}
    return {name: v for name, v in values.items() if isinstance(v, int | float)}


def quiet_solve(model: Any) -> Any:
    """Solve, with what OSQP prints in spite of ``verbose`` (its #785) kept back."""
    with redirect_stdout(StringIO()):
        return model.solve(raise_error=False)
