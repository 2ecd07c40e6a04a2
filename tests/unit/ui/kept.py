"""View-states of real nodes, kept as JSON: `tests/lab/cluster/test_states.py` writes them.

A dataclass is an object with its class' name as `_` and the fields that differ from its defaults;
an enum's member is `{"_": "Health.RUNNING"}`.
"""

from __future__ import annotations

import json
from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from ejtui.cluster.condition import condition
from ejtui.ui.state import models, view_state
from ejtui.ui.state.view_state import ViewState

DIRECTORY = Path(__file__).with_name("real")
_MODULES = (models, view_state, condition)


def names() -> list[str]:
    """The states that are kept."""
    return sorted(path.stem for path in DIRECTORY.glob("*.json"))


def read(name: str) -> ViewState:
    """A state that was kept."""
    state = _read(json.loads((DIRECTORY / f"{name}.json").read_text(encoding="utf-8")))
    assert isinstance(state, ViewState)
    return state


def write(name: str, state: ViewState) -> None:
    """Keep that state."""
    DIRECTORY.mkdir(exist_ok=True)
    text = json.dumps(_written(state), indent=1, ensure_ascii=False)
    (DIRECTORY / f"{name}.json").write_text(text + "\n", encoding="utf-8")


def _written(value: Any) -> Any:
    if isinstance(value, Enum):
        return {"_": str(value)}
    if is_dataclass(value):
        values = [(each, getattr(value, each.name)) for each in fields(value)]
        kept = {each.name: _written(held) for each, held in values
                if each.default is MISSING or held != each.default}  # fmt: skip
        return {"_": type(value).__name__, **kept}
    if isinstance(value, tuple):
        return [_written(each) for each in value]
    return value


def _read(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_read(each) for each in value)
    if not isinstance(value, dict):
        return value
    name, _, member = value["_"].partition(".")
    found = next(getattr(module, name) for module in _MODULES if hasattr(module, name))
    if member:
        return found[member]
    return found(**{key: _read(each) for key, each in value.items() if key != "_"})
