"""What all tables of a book file are: strict, closed, without infinity and NaN."""

from typing import Annotated, Final

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    WithJsonSchema,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError


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


PAIR: Final = {
    "type": "array",
    "items": {"type": "number"},
    "minItems": 2,
    "maxItems": 2,
}


class RangeEntry(Entry):
    """A table of lower and upper, or a list of the two: [0, 0.01]."""

    @model_validator(mode="before")
    @classmethod
    def _from_pair(cls, value: object) -> object:
        if isinstance(value, list) and len(value) == 2:
            return dict(zip(("lower", "upper"), value, strict=True))
        if isinstance(value, dict | cls):
            return value
        raise PydanticCustomError(
            "range_type",
            "a table like { lower = 0, upper = 0.01 } or a list like [0, 0.01]",
        )

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Describe both forms."""
        return {"anyOf": [handler(core_schema), PAIR]}
