"""Files that are whole or absent: written beside their place, then moved there."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from os import fsync
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING

from sma_research.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

DANGEROUS = ("=", "+", "-", "@", "\t")  # spreadsheets run cells that start so


def prepare_folder(folder: Path) -> None:
    """Make a folder and try it, so that no work is done for an answer lost.

    Raises
    ------
    DataError
        The folder cannot be made or written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise _unwritable(folder, error) from error


def try_folder(folder: Path) -> None:
    """Try the place of a folder without making it: its closest parent that is there.

    Raises
    ------
    DataError
        The folder could not be made or written to.
    """
    try:
        there = next(place for place in (folder, *folder.parents) if place.exists())
        with NamedTemporaryFile(dir=there):
            pass
    except OSError as error:
        raise _unwritable(folder, error) from error


def prepare_file(path: Path) -> None:
    """Try the folder of a file, which must be there: a slip in its name makes none.

    Raises
    ------
    DataError
        The folder is not there or cannot be written to, or the file is a folder.
    """
    if path.is_dir():
        raise DataError(f"{path}: is a folder, expected the name of a file to write")
    if not path.parent.exists():
        raise DataError(
            f"{path}: cannot be written: there is no folder {path.parent}; make it, or "
            "choose another place"
        )
    prepare_folder(path.parent)


def write_text(path: Path, text: str) -> None:
    """Write a UTF-8 text file."""
    with _replacing(path) as draft:
        draft.write_text(text, encoding="utf-8", newline="\n")


def write_csv(path: Path, table: "pd.DataFrame") -> None:
    """Write a CSV file in full precision; text that a spreadsheet would run is quoted.

    Such text starts with one of ``= + - @`` or a tab, and gets an apostrophe in
    front. A carriage return becomes a space. Numbers are left alone.
    """
    safe = table.copy()
    columns: list[str] = list(safe.select_dtypes("string").columns)
    for name in columns:
        text = safe[name].str.replace("\r", " ", regex=False)
        safe[name] = text.mask(text.str.startswith(DANGEROUS), "'" + text)
    with _replacing(path) as draft:
        safe.to_csv(draft, index=False, lineterminator="\n")


def write_parquet(path: Path, table: "pd.DataFrame") -> None:
    """Write a Parquet file whose pages carry checksums."""
    with _replacing(path) as draft:
        table.to_parquet(draft, index=False, write_page_checksum=True)


@contextmanager
def _replacing(path: Path) -> Iterator[Path]:
    try:
        with NamedTemporaryFile(
            dir=path.parent, prefix=f".{path.name}.", delete=False
        ) as file:
            draft = Path(file.name)
        try:
            yield draft
            _to_disk(draft)
            draft.chmod(0o644)
            draft.replace(path)
        finally:
            with suppress(FileNotFoundError):
                draft.unlink()
    except OSError as error:
        raise _unwritable(path, error) from error


def _to_disk(path: Path) -> None:
    with path.open("rb+") as file:
        fsync(file.fileno())


def _unwritable(path: Path, error: OSError) -> DataError:
    reason = error.strerror or type(error).__name__
    return DataError(f"{path}: cannot be written: {reason}; choose another place")


Writer = Callable[[Path, "pd.DataFrame"], None]
TABLE_WRITERS: dict[str, Writer] = {".csv": write_csv, ".parquet": write_parquet}
