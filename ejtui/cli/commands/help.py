"""`ejtui help [TOPIC]`: the help pages, the same ones that F1 shows."""

from __future__ import annotations

import sys
from argparse import Namespace

from ejtui.cli.arguments import UsageError, command_line, subparsers
from ejtui.cli.result import CommandResult
from ejtui.config.checks import nearest
from ejtui.help import TOPICS, page


def run(args: Namespace, answer: CommandResult) -> int:
    """Print a page, or the list of topics. Raises UsageError for an unknown topic.

    A terminal gets the page laid out in its width, a pipe or file the Markdown.
    """
    if args.topic is None:
        answer.data["topics"] = dict(TOPICS)
        if not answer.json:
            print("\n".join(_topics()))
        return 0
    if args.topic not in TOPICS:
        commands = subparsers(command_line([args.topic]))
        if args.topic in commands:
            text = commands[args.topic].format_help()
            answer.data |= {"topic": args.topic, "page": text}
            if not answer.json:
                print(text, end="")
            return 0
        guess = nearest(args.topic, (*TOPICS, *commands))
        raise UsageError(
            f"there is no help on {args.topic!r}{guess}\n  topics: {', '.join(TOPICS)}, and every "
            "command"
        )
    text = page(args.topic)
    answer.data |= {"topic": args.topic, "page": text}
    if not answer.json:
        _show(text)
    return 0


def _show(text: str) -> None:
    """Markdown as it is, but laid out on a terminal."""
    if not sys.stdout.isatty():
        print(text, end="")
        return
    from ejtui.cli.render.page import show

    show(text)


def _topics() -> list[str]:
    width = max(map(len, TOPICS))
    lines = [f"  ejtui help {topic:<{width}}   {about}" for topic, about in TOPICS.items()]
    return ["Help pages:", *lines, "", "`ejtui --help` lists the commands. In the app: F1."]
