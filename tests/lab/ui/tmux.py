"""The app on a real terminal: tmux, on a server of the test's own."""

from __future__ import annotations

import itertools
import os
import shlex
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType

from tests import patience

_POLL = 0.03
_LOOKS = 10
_SERVERS = itertools.count(1)


class Tmux:
    """One program on one terminal; used as a context, at whose end the server is gone."""

    def __init__(
        self, directory: Path, argv: Sequence[str], columns: int, rows: int,
        env: Mapping[str, str] | None = None,
    ) -> None:  # fmt: skip
        # A server that is ending still answers on its socket: no two share one.
        self._socket = directory / f"tmux{next(_SERVERS)}"
        self._env = {
            **{name: value for name, value in os.environ.items() if name not in ("TMUX", "LC_ALL")},
            "LANG": "C.UTF-8", "COLORTERM": "truecolor", "TERM": "xterm-256color", **(env or {}),
        }  # fmt: skip
        self.columns, self.rows = columns, rows
        self.patience = patience.SECONDS
        """Seconds that `until` waits by default."""
        # What is printed after the app's end must stay to be read: the shell waits.
        line = f"{shlex.join(argv)}; echo ended with $?; exec sleep 600"
        settings = [f"-e{name}={value}" for name, value in (env or {}).items()]
        self._tmux("new-session", "-d", "-s", "t", "-x", str(columns), "-y", str(rows),
                   *settings, "sh", "-c", line)  # fmt: skip

    def __enter__(self) -> Tmux:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        self._tmux("kill-server", check=False)

    @property
    def text(self) -> str:
        """What is on the screen."""
        return self._tmux("capture-pane", "-p", "-t", "t")

    @property
    def styled(self) -> str:
        """What is on the screen, with its colours as escape sequences."""
        return self._tmux("capture-pane", "-e", "-N", "-p", "-t", "t")

    def taken(self, wanted: str) -> bool:
        """Whether tmux was given that for the clipboard; it must be configured to take it."""
        return wanted in self._tmux("show-buffer", check=False)

    def take_copies(self) -> None:
        """Let programs put what they copy into tmux's own buffer."""
        self._tmux("set-option", "-s", "set-clipboard", "on")

    @property
    def children(self) -> list[int]:
        """The processes of the program: children of the shell that runs it."""
        shell = self._tmux("display-message", "-p", "-t", "t", "#{pane_pid}")
        children = Path(f"/proc/{shell}/task/{shell}/children").read_text()
        return [int(child) for child in children.split()]

    def record(self, file: Path) -> None:
        """All that is printed on the terminal from now on goes into that file, too."""
        self._tmux("pipe-pane", "-t", "t", f"exec cat >{shlex.quote(str(file))}")

    def listen(self) -> None:
        """Let tmux do all that a program may ask of a terminal, the clipboard included."""
        self._tmux("set-option", "-s", "set-clipboard", "on")
        for name, value in (("passthrough", "on"), ("rename", "on")):
            self._tmux("set-option", "-g", f"allow-{name}", value)
        self._tmux("set-option", "-g", "automatic-rename", "off")

    def colour(self, background: str) -> None:
        """Give the terminal that background, as tmux reports it to programs that ask."""
        self._tmux("set-option", "-g", "window-style", f"bg={background}")

    def plant(self, word: str) -> None:
        """Make that the title, the window's name and the clipboard."""
        self._tmux("select-pane", "-t", "t", "-T", word)
        self._tmux("rename-window", "-t", "t", word)
        self._tmux("set-buffer", word)

    @property
    def told(self) -> str:
        """What programs have sent to the terminal: title, window's name, clipboard."""
        names = self._tmux("display-message", "-p", "-t", "t", "#{pane_title} #{window_name}")
        return f"{names} {self._tmux('list-buffers')}"

    def keys(self, *names: str) -> None:
        """Press keys by tmux's names (Enter, Escape, F1, C-p, Tab), in one go."""
        self._tmux("send-keys", "-t", "t", *names)

    def type(self, text: str) -> None:
        """Type text as it is."""
        self._tmux("send-keys", "-l", "-t", "t", text)

    def type_unseen(self, text: str) -> None:
        """Type ASCII text that is on no command line: tmux's own has its numbers."""
        self._tmux("send-keys", "-t", "t", "-H", *(f"{each:02x}" for each in text.encode("ascii")))

    def resize(self, columns: int, rows: int) -> None:
        """Give the terminal another size."""
        self._tmux("resize-window", "-t", "t", "-x", str(columns), "-y", str(rows))
        self.columns, self.rows = columns, rows

    def until(self, wanted: str | Callable[[str], bool], seconds: float | None = None) -> str:
        """Wait until that is on the screen, and answer what is there once nothing moves on it.

        Raises AssertionError with what was there instead.
        """
        holds = wanted if callable(wanted) else lambda text: wanted in text
        seconds = seconds or self.patience
        end = time.monotonic() + seconds
        while True:
            text = self.text
            if holds(text):
                return self._settled(text, holds)
            if time.monotonic() > end:
                raise AssertionError(f"waited {seconds:g} s for {wanted!r}; there is:\n{text}")
            time.sleep(_POLL)

    def _settled(self, text: str, holds: Callable[[str], bool]) -> str:
        """The same once it has been repainted whole; what moves on is taken as it was last."""
        for _ in range(_LOOKS):
            time.sleep(_POLL)
            again = self.text
            if again == text or not holds(again):
                break
            text = again
        return text

    def _tmux(self, *arguments: str, check: bool = True) -> str:
        done = subprocess.run(
            ["tmux", "-S", str(self._socket), "-f", os.devnull, *arguments],
            env=self._env,
            capture_output=True,
            text=True,
            timeout=patience.SECONDS,
            check=False,
        )
        if check and done.returncode:
            raise AssertionError(f"tmux {arguments[0]}: {done.stderr}")
        return done.stdout.rstrip("\n") if arguments[0] != "capture-pane" else done.stdout
