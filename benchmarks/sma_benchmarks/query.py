"""SQL over the tables of runs, by DuckDB in memory: it reads them and nothing else.

What it sees are rows that the store has checked, not files; files and the network are
out of its reach, and a query cannot change that.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from sma_benchmarks.records import TABLES
from sma_benchmarks.store import schema
from sma_research.errors import DataError

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from sma_benchmarks.scores import Scores
    from sma_benchmarks.store import Tables

SEALED: Final[Mapping[str, str | bool | int | float | list[str]]] = MappingProxyType({
    "enable_external_access": False,  # no files, no network, no other database
    "autoload_known_extensions": False,
    "autoinstall_known_extensions": False,
    "python_enable_replacements": False,  # no variables of this process
    "temp_directory": "",  # larger than memory is refused, not put on the disk
})  # fmt: skip
SCORES: Final = "scores"
READING: Final = ("SELECT", "EXPLAIN", "MULTI")  # a pivot is several statements


@dataclass(frozen=True, kw_only=True)
class Found:
    """What a query found."""

    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]  # None where a value is null

    def frame(self) -> "pd.DataFrame":
        """The rows as a table whose values are as they were found.

        Raises
        ------
        DataError
            Two columns have one name.
        """
        import pandas as pd

        twice = [name for name in self.columns if self.columns.count(name) > 1]
        if twice:
            raise DataError(
                f"two columns are called {twice[0]}, expected different names; rename "
                "one with AS"
            )
        table = pd.DataFrame(self.rows, columns=list(self.columns), dtype=object)
        for name in self.columns:
            if any(isinstance(value, str) for value in table[name]):
                table[name] = table[name].astype("string")
        return table


def views(tables: "Tables", scores: "Scores") -> dict[str, "pd.DataFrame"]:
    """What a query sees, by name: the tables of `records.TABLES`, and judged rows."""
    return {**{name: getattr(tables, name) for name in TABLES}, SCORES: scores.runs}


def query(views: Mapping[str, "pd.DataFrame"], sql: str) -> Found:
    """Answer one statement that reads.

    Raises
    ------
    DataError
        SQL that DuckDB refuses, more than one statement, or one that does not read.
    """
    import duckdb

    try:
        sql.encode()
        with duckdb.connect(":memory:", config=dict(SEALED)) as connection:
            for name, frame in views.items():
                connection.register(name, _arrow(frame))
            connection.execute("SET lock_configuration = true")
            kinds = [s.type.name for s in connection.extract_statements(sql)]
            if len(kinds) != 1 or kinds[0] not in READING:
                raise DataError(
                    f"the SQL is {' and '.join(kinds) or 'empty'}, expected one SELECT"
                )
            answer = connection.execute(sql)
            columns = tuple(str(column[0]) for column in answer.description or ())
            return Found(columns=columns, rows=answer.fetchall())
    except (duckdb.Error, UnicodeError) as error:
        raise DataError(
            f"the SQL is refused: {_said(error)}; expected a SELECT from "
            f"{', '.join(views)}"
        ) from error


def _arrow(frame: "pd.DataFrame") -> "pa.Table":
    """A table with the columns' own types, null where a value is missing."""
    import pyarrow as pa

    told = {field.name: field for table in TABLES for field in schema(table)}
    found = pa.Schema.from_pandas(frame, preserve_index=False)
    types = pa.schema([told.get(field.name, field) for field in found])
    return pa.Table.from_pandas(frame, schema=types, preserve_index=False)


def _said(error: Exception) -> str:
    """The first paragraph of a message, in one line; the rest points into the SQL."""
    return " ".join(str(error).partition("\n\n")[0].split())
