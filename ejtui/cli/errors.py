"""Errors as people and scripts get them: one message, one exit code, never a traceback."""

from __future__ import annotations

import os
import traceback
from dataclasses import dataclass

from ejtui.cleaning import clean
from ejtui.cli.arguments import UsageError
from ejtui.cli.interrupt import Interrupted
from ejtui.cli.result import CommandResult
from ejtui.config import ConfigError
from ejtui.paths import state_dir

WRONG = 1
USAGE = 2
UNREACHABLE = 3
INTERRUPTED = 130


class NotReached(Exception):
    """A host was lost in the middle of an act; the text is what failed and what goes on."""


@dataclass(frozen=True)
class ErrorReport:
    """`code` is the exit code, `kind` a stable word for scripts, `details` what else is known."""

    code: int
    kind: str
    message: str
    details: dict[str, object]

    @property
    def text(self) -> str:
        """For standard error: clean, and marked as ours."""
        return clean(f"ejtui: {self.message}", lines=True)

    def to_json(self) -> dict[str, object]:
        return {"kind": self.kind, "message": self.message, **self.details}


def explain(error: BaseException, answer: CommandResult) -> ErrorReport:
    """The message for `error`, and the exit code."""
    if isinstance(error, (KeyboardInterrupt, Interrupted)):
        return ErrorReport(INTERRUPTED, "interrupted", f"interrupted. {answer.standing}", {})
    if isinstance(error, UsageError):
        return ErrorReport(USAGE, "usage", str(error), {})
    if isinstance(error, NotReached):
        return ErrorReport(UNREACHABLE, "unreachable", str(error), {})
    if isinstance(error, ConfigError):
        each = [{"file": e.file, "key": e.key, "message": str(e)} for e in error.each]
        details: dict[str, object] = {"file": error.file, "key": error.key, "errors": each}
        return ErrorReport(USAGE, "configuration", str(error), details)
    if isinstance(error, OSError):
        return _of_this_machine(error)
    return _of_a_host(error) or _of_asking(error) or _of_the_cluster(error) or _unexpected(error)


def _of_this_machine(error: OSError) -> ErrorReport:
    """A file or a directory of ejtui's own that cannot be read or written, a full disk."""
    reason = error.strerror or str(error)
    file = f"{error.filename}: " if error.filename else ""
    return ErrorReport(WRONG, "system", f"{file}{reason}", {})


def _of_a_host(error: BaseException) -> ErrorReport | None:
    from ejtui.hosts import errors

    if not isinstance(error, errors.HostError):
        return None
    details: dict[str, object] = {"host": error.host}
    if isinstance(error, (errors.Unreachable, errors.BecomeFailed)):
        return ErrorReport(UNREACHABLE, "unreachable", str(error), details)
    return ErrorReport(WRONG, "host", str(error), details)


def _of_asking(error: BaseException) -> ErrorReport | None:
    from ejtui.cli.confirm import Unanswered

    if not isinstance(error, Unanswered):
        return None
    return ErrorReport(WRONG, error.kind, str(error), {"question": error.question.to_json()})


def _of_the_cluster(error: BaseException) -> ErrorReport | None:
    from ejtui.cluster import errors
    from ejtui.erlang.probe.client import ProbeError
    from ejtui.erlang.shell.shell import ShellError

    if isinstance(error, errors.LockHeld):
        held = {"who": error.who, "what": error.what, "since": error.since, "host": error.host}
        return ErrorReport(WRONG, "locked", str(error), dict(held))
    if isinstance(error, (ProbeError, ShellError)):
        return ErrorReport(WRONG, "erlang", str(error), {})
    if isinstance(error, errors.NoSuchOption):
        return ErrorReport(USAGE, "usage", str(error), {})
    if isinstance(error, errors.ClusterError):
        kind = "refused" if isinstance(error, errors.Refused) else "failed"
        return ErrorReport(WRONG, kind, str(error), {})
    return None


def _unexpected(error: BaseException) -> ErrorReport:
    """A mistake of ejtui's own: the traceback goes to a file, not to the screen."""
    reason = f"{type(error).__name__}: {error}".splitlines()[0]
    message = f"a mistake in ejtui itself: {reason}"
    text = "".join(traceback.format_exception(error))
    try:
        file = state_dir() / "unexpected-error.txt"
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
            out.write(text)
    except OSError as failed:
        where = traceback.extract_tb(error.__traceback__)[-1:]
        place = "".join(f"\n  at {frame.filename}, line {frame.lineno}" for frame in where)
        kept = f"\n  the rest could not be kept: {failed.filename}: {failed.strerror}"
        return ErrorReport(WRONG, "unexpected", f"{message}{place}{kept}; please report it", {})
    return ErrorReport(
        WRONG, "unexpected", f"{message}\n  all of it is in {file}; please report it", {}
    )
