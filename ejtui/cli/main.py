"""The way in: reads the command line, runs the command, answers the exit code."""

from __future__ import annotations

import os
import sys

from ejtui import __version__

# Nothing else is imported here: what --version takes is what these modules take.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Sequence

    from ejtui.cli.result import CommandResult

VERSION = ["--version"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line given, or this process's own; answers the exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    _lead_nowhere_what_is_closed()
    try:
        return _run(words)
    except BrokenPipeError:
        # The reader of the output has gone; what Python flushes at the end must not fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def _lead_nowhere_what_is_closed() -> None:
    """Gives each standard stream that the caller has closed a place that takes everything.

    No file that is opened later then gets such a stream's number, with all that is printed to it.
    """
    number = os.open(os.devnull, os.O_RDWR)
    while number <= 2:
        os.set_inheritable(number, True)
        number = os.open(os.devnull, os.O_RDWR)
    os.close(number)
    if sys.stdout is None:
        sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
    if sys.stderr is None:
        sys.stderr = os.fdopen(2, "w", encoding="utf-8", closefd=False)


def _run(words: list[str]) -> int:
    # Names and paths come from anywhere: what the terminal's encoding lacks is shown, not fatal.
    for stream in (sys.stdout, sys.stderr):
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(errors="backslashreplace")
    if words == VERSION:
        print(f"ejtui {__version__}")
        sys.stdout.flush()
        return 0
    return _answered(words)


def _answered(words: list[str]) -> int:
    from ejtui.cli.arguments import parse
    from ejtui.cli.result import CommandResult

    answer = CommandResult(json="--json" in words)
    args = None
    try:
        args = parse(words)
        answer.json = args.json
        code = _command(args)(args, answer)
    except (Exception, KeyboardInterrupt) as error:
        if isinstance(error, BrokenPipeError) and _reader_has_gone():
            raise
        from contextlib import suppress

        from ejtui.cli.errors import explain
        from ejtui.cli.render.text import flowed

        trouble = explain(error, answer)
        code = trouble.code
        answer.data["error"] = trouble.to_json()
        if not answer.json:
            text = _addressed(trouble.text, args)
            with suppress(OSError):  # the terminal may be what has gone
                print(flowed(text, sys.stderr), file=sys.stderr)
    if answer.json:
        import json

        print(json.dumps(answer.data, indent=2))
    sys.stdout.flush()
    return code


def _addressed(text: str, args: Namespace | None) -> str:
    """The text, whose commands reach the pair that the command line names."""
    if args is None:
        return text
    from ejtui.cli.configuration import addressed

    return addressed([text], args)[0]


def _reader_has_gone() -> bool:
    """Whether standard output is a pipe that nobody reads any more."""
    import select

    poll = select.poll()
    poll.register(sys.stdout.fileno(), 0)
    return any(event & select.POLLERR for _, event in poll.poll(0))


def _command(args: Namespace) -> Callable[[Namespace, CommandResult], int]:
    """The command's `run`; its module is imported now, with all that it needs, and no other."""
    from importlib import import_module

    run: Callable[[Namespace, CommandResult], int] = import_module(
        f"ejtui.cli.commands.{(args.command or 'app').replace('-', '_')}"
    ).run
    return run
