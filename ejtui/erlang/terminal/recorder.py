"""Records what a shell prints as an asciicast (version 2), which any player plays."""

from __future__ import annotations

import codecs
import itertools
import os
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ejtui import json_lines, own_files

_MASK = "*"


def unused(path: Path) -> Path:
    """This path, or the like with a number where there is something: one moment, several shells."""
    names = (path.with_stem(f"{path.stem}-{number}") for number in itertools.count(2))
    return next(each for each in itertools.chain([path], names) if not os.path.lexists(each))


class Recorder:
    """One recording. What is typed is not recorded, only what the terminal shows.

    Every flush writes whole lines and nothing is kept back for long, so that the file plays up
    to the last moment however the process ends. Secrets given are masked, also where the output
    breaks off in the middle of one. A full disk ends the recording, never the session: see
    `error`. Not thread-safe: one thread writes.
    """

    @classmethod
    def create(cls, path: Path, columns: int, rows: int, title: str) -> Recorder | None:
        """A recording at `path`, or beside one that is there; None where none can be written."""
        try:
            return cls(unused(path), columns, rows, title)
        except OSError as error:
            own_files.failed("the recording", path, error)
            return None

    def __init__(
        self,
        path: Path,
        columns: int,
        rows: int,
        title: str,
        secrets: Iterable[str] = (),
    ) -> None:
        """Create `path`, readable by its owner alone.

        Raises FileExistsError when it exists and OSError when it cannot be made.
        """
        self.path = path
        self.error: OSError | None = None
        self._secrets = tuple(secret for secret in secrets if secret)
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._held = ""
        self._output: list[str] = []
        self._began = time.monotonic()
        self._file: int | None = os.open(
            path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600
        )
        header = {
            "version": 2,
            "width": columns,
            "height": rows,
            "timestamp": int(time.time()),
            "title": title,
            "env": {"TERM": "xterm-256color"},
        }
        self._write([header])

    @property
    def waiting(self) -> bool:
        """Whether there is output that the next flush would write."""
        return bool(self._output)

    def output(self, data: bytes) -> None:
        """Take what the terminal printed; it is written by the next flush()."""
        text = self._held + self._decoder.decode(data)
        for secret in self._secrets:
            text = text.replace(secret, _MASK * len(secret))
        kept = self._started_secret(text)
        self._held = text[len(text) - kept :]
        if ready := text[: len(text) - kept]:
            self._output.append(ready)

    def flush(self) -> None:
        """Write the output taken so far as one event."""
        if self._output:
            text = "".join(self._output)
            self._output.clear()
            self._write([[self._now(), "o", text]])

    def resize(self, columns: int, rows: int) -> None:
        """Write that the terminal has a new size."""
        self.flush()
        self._write([[self._now(), "r", f"{columns}x{rows}"]])

    def close(self) -> None:
        """Write what is left and close the file; nothing is recorded afterwards."""
        self._output.append(self._held + self._decoder.decode(b"", final=True))
        self._held = ""
        if any(self._output):
            self.flush()
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _now(self) -> float:
        return round(time.monotonic() - self._began, 6)

    def _started_secret(self, text: str) -> int:
        """How many characters at the end of `text` may be the beginning of a secret."""
        return max(
            (
                length
                for secret in self._secrets
                for length in range(1, min(len(secret), len(text) + 1))
                if text.endswith(secret[:length])
            ),
            default=0,
        )

    def _write(self, events: list[Any]) -> None:
        if self._file is None:
            return
        lines = b"".join(json_lines.line(event) for event in events)
        try:
            while lines:
                lines = lines[os.write(self._file, lines) :]
        except OSError as error:
            self.error = error
            own_files.failed("the recording", self.path, error, now=False)
            os.close(self._file)
            self._file = None
