"""Writing the little TOML that a market folder needs."""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any


def dump(facts: Mapping[str, Any]) -> str:
    """TOML text of scalars, lists of text, and one level of tables of tables."""
    plain = {k: v for k, v in facts.items() if not isinstance(v, Mapping)}
    lines = [f"{key} = {_value(value)}" for key, value in plain.items()]
    for name, group in facts.items():
        if name in plain:
            continue
        for key, entry in group.items():
            lines += ["", f"[{name}.{_text(key)}]"]
            lines += [f"{field} = {_value(value)}" for field, value in entry.items()]
    return "\n".join(lines) + "\n"


def _value(value: Any) -> str:
    if isinstance(value, list):
        return "[" + "".join(f"\n  {_value(item)}," for item in value) + "\n]"
    if isinstance(value, date):
        return value.isoformat()
    return _text(value) if isinstance(value, str) else str(value)


def _text(text: str) -> str:
    # a JSON string is a TOML string but for DEL, which TOML wants escaped
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
