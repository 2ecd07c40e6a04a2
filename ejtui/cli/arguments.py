"""The command line: which words and options there are. Importing this loads no other layer."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, NoReturn

from ejtui import __version__

DESCRIPTION = """\
Join two ejabberd servers into one cluster without losing anything: both nodes
side by side, the documented steps as a checklist, and the live erl shell.
Without a command, ejtui is the app.
"""
EXIT_CODES = """\
exit codes: 0 done or healthy, 1 something is wrong and was named, 2 the command
line or the configuration is wrong, 3 a host could not be reached, 130
interrupted
"""


CONSENTS = (
    "accounts-not-there",
    "config-refused",
    "fewer-records",
    "files-changed",
    "files-not-there",
    "lock-lost",
    "mixed-release",
    "other-cluster",
    "password-format",
    "swapped-roles",
    "unknown-accounts",
)
"""The words that --accept takes: each answers the question that wants it."""


class UsageError(Exception):
    """The command line is wrong; the text has what would be right."""


class _Parser(argparse.ArgumentParser):
    """Raises UsageError where argparse would print and exit."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{_with_a_guess(message)}\n  {self.format_usage().strip()}")


def _with_a_guess(message: str) -> str:
    """The message; where a word is none of those that there are, with the nearest of them."""
    head, _, rest = message.partition(" (choose from ")
    if not rest:
        return message
    from ejtui.config.checks import nearest  # takes a while, and only a message needs it

    wrong = head.rpartition(": ")[2].strip("'\"")
    known = tuple(word.strip("'\" ") for word in rest.rstrip(")").split(","))
    return f"{head}{nearest(wrong, known)}\n  it should be one of: {', '.join(known)}"


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """The command line as a namespace; `command` is None for the app.

    Raises UsageError, with the usage of the command that is there; SystemExit(0) after --version
    and --help.
    """
    parser = command_line(arguments)
    args, unknown = parser.parse_known_args(arguments)
    if unknown:
        which = subparsers(parser).get(args.command, parser)
        which.error(f"unrecognized arguments: {' '.join(unknown)}")
    return args


def subparsers(parser: argparse.ArgumentParser) -> Mapping[str, argparse.ArgumentParser]:
    """What reads each command's own words, by the command's name."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            return dict(action.choices)
    return {}


def command_line(arguments: Sequence[str]) -> argparse.ArgumentParser:
    """What reads `arguments`: of the commands that are not among them only the name.

    To build every command takes longer than to read the configuration.
    """
    parser = _Parser(
        prog="ejtui",
        description=DESCRIPTION,
        epilog=EXIT_CODES,
        parents=[_common()],
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"ejtui {__version__}")
    parser.add_argument(
        "--no-mouse",
        dest="mouse",
        action="store_false",
        help="leave the mouse to the terminal (saves traffic on slow connections)",
    )
    parser.add_argument(
        "--theme",
        choices=["auto", "dark", "light"],
        default="auto",
        help="the app's colours; auto, the default, goes by the terminal's background",
    )
    parser.set_defaults(command=None, json=False, config=None, first=None, second=None, bell=True)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    for each in COMMANDS:
        _add(commands, each, whole=each.name in arguments)
    return parser


def _common() -> _Parser:
    """The options that may stand before or after the command."""
    # SUPPRESS: the command's parser must not put its default over what stood before the command.
    common = _Parser(add_help=False, argument_default=argparse.SUPPRESS)
    group = common.add_argument_group("common options")
    group.add_argument("--config", metavar="FILE", help="the configuration (TOML) to use")
    group.add_argument("--first", metavar="NAME", help="the node that has the accounts")
    group.add_argument("--second", metavar="NAME", help="the node that joins it")
    group.add_argument(
        "--no-bell",
        dest="bell",
        action="store_false",
        help="no bell, notification or title when something ends or is asked",
    )
    return common


def _yes(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--yes", action="store_true", help="do not ask before anything is taken")
    parser.add_argument(
        "--accept",
        metavar="WORD",
        choices=CONSENTS,
        action="append",
        default=[],
        help="answer the question that wants this word, where a yes is not enough; repeatable",
    )


def _setup(parser: argparse.ArgumentParser) -> None:
    parser.epilog = (
        "HOST is local (this computer), or [user@]host[:port], as ssh knows it; at a terminal the "
        "app asks for both where neither is given"
    )
    for action in parser._actions:
        if action.dest in ("first", "second"):
            action.metavar = "HOST"
    group = parser.add_argument_group("for both hosts")
    group.add_argument("--user", help="the login, where HOST has none (by default from ssh_config)")
    group.add_argument(
        "--become", choices=["sudo", "doas", "su", "none"], help="how to become root"
    )
    group.add_argument("--identity-file", metavar="FILE", help="the key to log in with")
    group.add_argument("--proxy-jump", metavar="HOST", help="the jump host")
    group.add_argument("--ssh-config", metavar="FILE", help="in place of ssh's own settings")
    group.add_argument("--known-hosts", metavar="FILE", help="in place of ssh's own known_hosts")


def _join(parser: argparse.ArgumentParser) -> None:
    _yes(parser)
    parser.add_argument(
        "--until", metavar="STEP", help="stop after this step, by its id (see ejtui plan)"
    )


def _repair(parser: argparse.ArgumentParser) -> None:
    _yes(parser)
    parser.add_argument(
        "--node", choices=["first", "second", "both"], help="whose, where several have that code"
    )
    parser.add_argument(
        "code", metavar="CODE", nargs="?", help="the finding's code, as ejtui check shows it"
    )


def _config(parser: argparse.ArgumentParser) -> None:
    _yes(parser)
    parser.add_argument(
        "--take",
        metavar="OPTION",
        nargs="+",
        action="extend",
        default=[],
        help="give second's ejabberd.yml first's value of these; shows the lines, and asks. "
        "`certificates` copies the certificates and keys that second lacks",
    )
    parser.add_argument(
        "--set",
        metavar="OPTION[@HOST][=YAML]",
        action="append",
        default=[],
        help="give an option of second's ejabberd.yml this value; without =YAML it is read from "
        "standard input",
    )
    parser.add_argument(
        "--all", action="store_true", help="take all that differs and belongs to no host"
    )


def _rollback(parser: argparse.ArgumentParser) -> None:
    _yes(parser)
    parser.add_argument(
        "backup", metavar="BACKUP", nargs="?", help="which backup, where there are several"
    )
    parser.add_argument(
        "--without-first",
        action="store_true",
        help="first is gone for ever: roll second back without asking it",
    )


def _backups(parser: argparse.ArgumentParser) -> None:
    _yes(parser)
    parser.add_argument(
        "action",
        nargs="?",
        choices=["prune", "restore-table"],
        metavar="prune | restore-table",
        help="prune: remove those that were used, or those named, after asking; the last complete "
        "one is kept. restore-table: records that first's tables lack of its online backup NAME",
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="which, as the list names them")


def _bring_over(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--without-first",
        action="store_true",
        help="first is gone for ever: into the database that second runs on alone",
    )
    _yes(parser)
    parser.add_argument(
        "backup", metavar="BACKUP", nargs="?", help="which backup, where there are several"
    )


def _history(parser: argparse.ArgumentParser) -> None:
    parser.epilog = (
        "RUN is its name as listed, its number (1 is the newest), or last; no host is asked"
    )
    parser.add_argument(
        "action",
        nargs="?",
        choices=["show", "play", "export"],
        metavar="show|play|export",
        help="show one run whole; play its recordings; write a report (Markdown) for a ticket",
    )
    parser.add_argument(
        "run",
        metavar="RUN",
        nargs="?",
        help="which run; without it the last is shown or played, and all are exported",
    )
    parser.add_argument(
        "--speed", type=_speed, default=1.0, metavar="N", help="play N times as fast"
    )


def _speed(text: str) -> float:
    """Raises ValueError for what is no speed."""
    speed = float(text)
    if not 0.01 <= speed <= 1000:
        raise ValueError(text)
    return speed


def _help(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "topic",
        metavar="TOPIC",
        nargs="?",
        help="which page, or which command; without one, the list of pages",
    )


def _completion(parser: argparse.ArgumentParser) -> None:
    parser.epilog = (
        "as in: ejtui completion bash > ~/.local/share/bash-completion/completions/ejtui"
    )
    parser.add_argument(
        "shell", nargs="?", choices=["bash", "zsh", "fish"], metavar="SHELL", help="which shell"
    )
    parser.add_argument("--words", metavar="KIND", help=argparse.SUPPRESS)


def _lab(parser: argparse.ArgumentParser) -> None:
    from ejtui.cli.lab_arguments import add_arguments

    add_arguments(parser)


class _Command(NamedTuple):
    """A command: its name, what it is for, and what gives its parser its own words, if any."""

    name: str
    about: str
    fill: Callable[[argparse.ArgumentParser], None] | None = None
    json: bool = True


COMMANDS = (
    _Command("setup", "the configuration from two hosts, each tried first", _setup),
    _Command("status", "both nodes side by side, once"),
    _Command("plan", "every step with its state and exact commands; changes nothing"),
    _Command("join", "the checklist without the full-screen app", _join),
    _Command("repair", "one finding's repair, by the code that the check names", _repair),
    _Command("check", "the troubleshooter, once: what is wrong, the evidence, its repair"),
    _Command(
        "config", "both ejabberd.yml as loaded, compared in what matters to a cluster", _config
    ),
    _Command("rollback", "second back to what it was before the join", _rollback),
    _Command("backups", "every backup on both hosts, and what each can be used for", _backups),
    _Command("bring-over", "accounts that a backup alone has, into the cluster", _bring_over),
    _Command("history", "what was done to the pair: every run, or one whole", _history),
    _Command("help", "the help pages, which F1 shows too", _help),
    _Command(
        "completion",
        "the script that completes ejtui's words in bash, zsh or fish",
        _completion,
        json=False,
    ),
    _Command("lab", "two real nodes on this computer; alone: up, the app, down", _lab, json=False),
)


def _add(commands: argparse._SubParsersAction[_Parser], command: _Command, *, whole: bool) -> None:
    if not whole:
        commands.add_parser(command.name, help=command.about, add_help=False)
        return
    parser = commands.add_parser(
        command.name,
        help=command.about,
        description=command.about[0].upper() + command.about[1:] + ".",
        parents=[_common()],
        allow_abbrev=False,
    )
    parser.add_argument(
        "--version", action="version", version=f"ejtui {__version__}", help=argparse.SUPPRESS
    )
    if command.json:
        parser.add_argument("--json", action="store_true", help="one JSON object, nothing else")
    if command.fill is not None:
        command.fill(parser)
