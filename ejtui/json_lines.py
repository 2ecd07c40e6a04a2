"""JSON, one value a line, of text that may come from anywhere."""

from __future__ import annotations

import json
from collections.abc import Callable


def line(value: object, default: Callable[[object], object] | None = None) -> bytes:
    """`value` as a line of JSON in UTF-8, which reads back as the same value.

    Text of a host may have bytes that are no UTF-8 (a file's name): they are lone surrogates in
    Python, and stand as \\udcXX in the line. `default` makes what JSON has no form for.
    """
    # What UTF-8 has no form for are lone surrogates alone: their escape in Python is JSON's too.
    text = json.dumps(value, ensure_ascii=False, default=default)
    return f"{text}\n".encode("utf-8", "backslashreplace")
