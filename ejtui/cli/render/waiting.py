"""One line on a terminal that names what is waited for; gone before anything else is shown."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TextIO

from ejtui.cli.render.text import cut

_CLEAR = "\r\x1b[K"
_COLUMNS = 79


class WaitingLine:
    """Names on `stream` what is waited for; shows nothing where that is no terminal."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._shows = stream.isatty()
        self._text = ""

    @contextmanager
    def waiting(self, what: str) -> Iterator[None]:
        """Show it meanwhile, as "asking both nodes…"."""
        self._text = what
        self._write(f"{_CLEAR}{cut(what, _COLUMNS)}")
        try:
            yield
        finally:
            self._text = ""
            self._write(_CLEAR)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Leave the terminal alone meanwhile: a question stands there, or a sentence."""
        if not self._text:
            yield
            return
        self._write(_CLEAR)
        yield
        self._write(f"{_CLEAR}{cut(self._text, _COLUMNS)}")

    def _write(self, text: str) -> None:
        if self._shows:
            # A terminal that is gone ends the command in its own way.
            with suppress(OSError):
                self._stream.write(text)
                self._stream.flush()
