"""The repair of a cookie that an option gives: it moves into the file."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from ejtui.cluster.acts.act import Act, At, Command, commands, plain
from ejtui.cluster.errors import StepFailed
from ejtui.cluster.finding import Finding
from ejtui.cluster.join.steps.step import Evidence
from ejtui.cluster.operations.files import cookie_file
from ejtui.cluster.question import Question
from ejtui.cluster.repairs.repair import Repair, facts_of, side
from ejtui.cluster.repairs.tools import keep, service, settings
from ejtui.platforms.platform import CookieOption

if TYPE_CHECKING:
    from ejtui.cluster.pair.plan import Plan
    from ejtui.cluster.repairs.context import RepairContext

UNITS = "/systemd/system/"
_EDITABLE_UNITS = "/etc/systemd/system/"


class MoveCookieToFile(Repair):
    """The file gets the cookie that ejabberd runs with, and the option goes."""

    codes: ClassVar = ("cookie-by-option",)
    changes: ClassVar = ("cookie",)
    title: ClassVar = "move the cookie from the option into the cookie file"
    keeps: ClassVar = "the cookie file and the files with the option, as they were"
    cannot_undo: ClassVar = "nothing is lost by it; `ps` shows the cookie until ejabberd restarts"

    def commands(self, plan: Plan, finding: Finding) -> list[Command]:
        at = side(plan, finding)
        options = facts_of(plan, finding).cookie_options
        return [
            *commands([cookie_file.option_act(at, option) for option in options[:1]]),
            *(settings.cookie_command(at, each.path, each.line) for each in _last_first(options)),
            *commands(_reload_acts(at, options)),
        ]

    async def takes(self, context: RepairContext) -> Question | None:
        options = context.node_facts.cookie_options
        return Question(
            title=f"Move {context.node.name}'s cookie into {cookie_file.NAME}?",
            takes=tuple(
                f"{each.path}, line {each.line}: -setcookie is taken out" for each in options
            ),
            consequence=(
                f"{cookie_file.path(context.node.platform)} gets the cookie of the option, which "
                "ejabberd runs with. Nothing restarts. The files are kept as they were."
            ),
            yes_label="Move it",
            destructive=False,
        )

    async def run(self, context: RepairContext) -> Evidence:
        node = context.node
        options = context.node_facts.cookie_options
        _refuse_packaged(node, options)
        if options:
            await keep.files(context, node, cookie_file.path(node.platform))
            await cookie_file.take_option(node, options[0])
        for option in _last_first(options):
            await settings.without_cookie(context, node, option.path, option.line)
        for act in _reload_acts(node, options):
            await act.run(node)
        await context.reopen(node)
        facts = context.node_facts
        if facts.cookie_options or not facts.cookie.usable:
            left = ", ".join(f"{each.path}, line {each.line}" for each in facts.cookie_options)
            raise StepFailed(
                f"{node.name}'s cookie: {facts.cookie.why or f'still an option: {left}'}"
            )
        return [
            f"{node.name}: cookie file {facts.cookie.digits}, and no option gives another",
            *await service.wait_together(context),
        ]


def _last_first(options: tuple[CookieOption, ...]) -> list[CookieOption]:
    return sorted(options, key=lambda option: (option.path, option.line), reverse=True)


def _refuse_packaged(at: At, options: tuple[CookieOption, ...]) -> None:
    for option in options:
        if UNITS in option.path and not option.path.startswith(_EDITABLE_UNITS):
            raise StepFailed(
                f"{option.path} belongs to a package: `systemctl edit {at.platform.unit}`, and set "
                "the variable there without -setcookie"
            )


def _reload_acts(at: At, options: tuple[CookieOption, ...]) -> list[Act]:
    """How the service manager takes what was changed in its files."""
    if not any(UNITS in option.path for option in options):
        return []
    return [plain(at, ["systemctl", "daemon-reload"], at.platform.root)]
