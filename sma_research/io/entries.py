"""What all tables of a book file are: strict, closed, without infinity and NaN."""

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema


def _none(value: object) -> object:
    """Read the word none, since TOML has no null."""
    return None if value == "none" else value


Cap = Annotated[
    float | None,
    BeforeValidator(_none),
    WithJsonSchema({"anyOf": [{"type": "number"}, {"const": "none"}]}),
]
Count = Annotated[
    int | None,
    BeforeValidator(_none),
    WithJsonSchema({"anyOf": [{"type": "integer"}, {"const": "none"}]}),
]
Position = Annotated[int, Field(strict=False)]  # keys of TOML tables are always text


class Entry(BaseModel):
    """A table of a book file. Its fields are described by the text below each."""

    model_config = ConfigDict(
        strict=True,
        extra="forbid",
        allow_inf_nan=False,
        frozen=True,
        use_attribute_docstrings=True,
    )
