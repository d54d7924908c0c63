"""Integer programs by the engines that Pyomo drives, https://pyomo.org.

``pyomo`` alone is HiGHS, free and without size limit, for LPs, QPs and MILPs;
``pyomo:scip`` is SCIP, free too, for all classes; ``pyomo:gurobi``, ``:cplex``,
``:xpress`` and ``:mosek`` need a licence. The model is one that a person can
read and change: `build_model`, `read_model`, `load_point`.
"""

from typing import final

from sma_research.errors import BackendNotFound, LicenceError
from sma_research.program.adapter import check_convex
from sma_research.program.backend import Availability, BackendInfo, Settings, require
from sma_research.program.form import Structure
from sma_solvers.pyomo_account import build_model, load_point
from sma_solvers.pyomo_engines import ENGINES, find_engine, library_version
from sma_solvers.pyomo_probe import availability, check_native, lacks_licence
from sma_solvers.pyomo_read import read_model
from sma_solvers.pyomo_session import PyomoSession


@final
class PyomoMiqp:
    """The ``pyomo`` backend with one engine.

    Raises
    ------
    BackendNotFound
        No engine has that name.
    """

    build_model = staticmethod(build_model)
    read_model = staticmethod(read_model)
    load_point = staticmethod(load_point)

    def __init__(self, engine: str = "highs") -> None:
        found = find_engine(engine)
        self._engine = engine
        self.info = BackendInfo(
            name=f"pyomo:{engine}",
            library=f"pyomo + {found.module}",
            version=f"{library_version('pyomo')} + {library_version(found.package)}",
            solves=found.solves,
            services=found.services,
        )

    def probe(self) -> tuple[Availability, ...]:
        """Engines, each tried with a tiny solve; no import is believed."""
        return tuple(availability(name) for name in ENGINES)

    def compile(self, structure: Structure, settings: Settings) -> PyomoSession:
        """Translate once what accounts share.

        Raises
        ------
        UnsupportedProgram, UnsupportedService
            The program is outside what the engine declares.
        BackendNotFound
            The engine is not installed, or fails at two columns.
        LicenceError
            The engine is installed, but has no licence.
        SettingError
            A native setting that the engine does not know.
        """
        require(self.info, structure)
        check_convex(structure)
        found = availability(self._engine)
        if not found.usable:
            kind = LicenceError if lacks_licence(self._engine) else BackendNotFound
            raise kind(
                f"{found.engine} does not run here, expected a solve to succeed; "
                f"{found.missing}"
            )
        check_native(self._engine, settings)
        return PyomoSession(self.info, structure, settings)
