"""What must be agreed to before second joins or a member starts, because it cannot be undone.

Each question has its own word: a plain yes is not enough. What was agreed to once is not
asked again by the same ejtui.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

from ejtui.cluster.diagnosis.examine import examine
from ejtui.cluster.diagnosis.rules.case import Case
from ejtui.cluster.diagnosis.rules.database import members
from ejtui.cluster.diagnosis.rules.database.custom import custom_schema
from ejtui.cluster.diagnosis.rules.installation import passwords, releases
from ejtui.cluster.errors import BackupError, StepFailed
from ejtui.cluster.facts.node import NodeFacts, PairFacts
from ejtui.cluster.finding import Finding
from ejtui.cluster.pair.node import Node
from ejtui.cluster.question import Question
from ejtui.cluster.run.context import StepContext
from ejtui.erlang.probe import questions
from ejtui.erlang.probe.client import ProbeError
from ejtui.hosts import HostError

MIXED_RELEASE = "mixed-release"
OTHER_CLUSTER = "other-cluster"
STORED_FORMAT = "password-format"

PLAIN_SECONDS = 60.0
"""Seconds that counting the plain passwords of a large site may take."""

Keep = Callable[[], Awaitable[list[str]]]
"""Backs up the tables that a start may change; returns where they are. Raises BackupError."""


async def before_join(context: StepContext, case: Case | None = None) -> None:
    """Before the first step that changes anything, and again before second's database is set aside.

    Nothing is asked of a member. `case` is what was looked at just now. Raises Refused, StepFailed.
    """
    if context.facts.member:
        return
    case = case or await _case(context)
    _refuse_custom(case)
    others = members.cluster_of_second(case)
    if others:
        await ask_once(context, other_cluster(case, others))
    await _ask_passwords(context, case)


async def before_start(context: StepContext, node: Node, keep: Keep) -> None:
    """Before ejabberd starts on a node that is, or becomes, a member of the other's cluster.

    `keep` is run before the question whether a node of another release may start. Raises Refused,
    StepFailed.
    """
    facts = await context.refresh()
    cookie = facts.first.schema_cookie
    if not cookie or cookie != facts.second.schema_cookie:
        return
    case = _as_started(await _case(context), node, await _next_release(node))
    _refuse_custom(case, "second" if node is context.pair.second else "first")
    if node is context.pair.second:
        await _ask_passwords(context, case)
    if releases.mixed(case.facts):
        try:
            kept = await keep()
        except BackupError as error:
            raise StepFailed(
                f"ejabberd is not started on {node.name}: the tables that its release would change "
                f"cannot be backed up first: {error}"
            ) from error
        starts = case.facts.second if node is context.pair.second else case.facts.first
        await ask_once(context, mixed_release(case, starts, kept))


def other_cluster(case: Case, others: tuple[str, ...]) -> Question:
    """Asks before second leaves the nodes that it runs with."""
    second = case.second
    alone = members.tables_of_second_alone(case)
    rest = [
        f"{table.name}: {table.size} records live on second alone there, and are gone for them"
        for table in alone[: members.SHOWN]
    ]
    runs = set(second.facts.running_db_nodes)
    return Question(
        title=f"Take second out of its cluster with {', '.join(others)}?",
        takes=(
            *(f"{node} {'runs' if node in runs else 'is listed'} with second" for node in others),
            *rest,
        ),
        consequence=(
            f"{', '.join(others)} keep {second.node} as a member that never comes back. One that "
            "starts while it believes that second was the last to run waits for second's tables "
            "and does not start. To leave properly first: stop ejabberd on second, then "
            f"`ejabberdctl leave_cluster {second.node}` on {others[0]}."
        ),
        yes_label="Take it out",
        consent=OTHER_CLUSTER,
    )


def mixed_release(case: Case, starts: NodeFacts, kept: list[str]) -> Question:
    """Asks before a node starts beside one of another release."""
    first, second = case.facts.first, case.facts.second
    known = releases.changes(first, second)
    return Question(
        title=f"Start ejabberd {starts.ejabberd_version} on {starts.name} in a cluster of two "
        "releases?",
        takes=(
            f"{first.name} has ejabberd {first.ejabberd_version}, {second.name} "
            f"{second.ejabberd_version}",
            *(known or ["what these releases change in the tables is not known"]),
            *kept,
        ),
        consequence=(
            "The newer ejabberd changes the tables of the whole cluster at its start, and the "
            "older one may not read them any more. Bring both to one release first."
        ),
        yes_label="Start it all the same",
        consent=MIXED_RELEASE,
    )


def password_format(case: Case, plain: int | None = None) -> Question:
    """Asks before second converts passwords of first's: `plain` of them are plain text."""
    unknown = not passwords.known(case)
    return Question(
        title="Let second convert the passwords of first's accounts?"
        if not unknown
        else "Join, although how second stores passwords could not be read?",
        takes=(
            *passwords.differences(case),
            passwords.number_line(plain),
            passwords.effect(case.facts),
        ),
        consequence=(
            "What is SCRAM cannot become plain text again: clients that log in with DIGEST-MD5, "
            "and programs that read passwords, fail from then on. To keep them: answer No, and "
            f"{passwords.TAKE} gives second's ejabberd.yml first's value."
        ),
        yes_label="Let it convert them" if not unknown else "Join all the same",
        consent=STORED_FORMAT,
    )


async def _next_release(node: Node) -> str:
    """The ejabberd that a start of the node runs, "" where its host does not report it."""
    try:
        return await questions.next_release(node.probe)
    except (ProbeError, HostError):
        return ""


def _as_started(case: Case, node: Node, version: str) -> Case:
    """The case with the release that the node has once it was started again."""
    if not version:
        return case
    first, second = case.facts.first, case.facts.second
    if node.name == first.name:
        first = replace(first, ejabberd_version=version)
    else:
        second = replace(second, ejabberd_version=version)
    return replace(case, facts=PairFacts(first, second))


async def _case(context: StepContext) -> Case:
    facts = await context.refresh()
    return Case(facts, await examine(context.pair, facts))


def _refuse_custom(case: Case, role: str = "") -> None:
    """What would delete tables is not started, on either node or on that of the role alone."""
    found: tuple[Finding, ...] = tuple(
        finding
        for finding in custom_schema(case)
        if finding.severity == "error" and role in ("", finding.node)
    )
    if found:
        raise StepFailed(
            f"custom-schema: {found[0].title}. `ejtui repair custom-schema` sets it aside", found
        )


async def _ask_passwords(context: StepContext, case: Case) -> None:
    if not passwords.converts(case):
        return
    try:
        plain: int | None = await questions.plain_passwords(context.pair.first.probe, PLAIN_SECONDS)
    except (ProbeError, HostError):
        plain = None
    if plain != 0:
        await ask_once(context, password_format(case, plain))


async def ask_once(context: StepContext, question: Question) -> None:
    """Asks what this ejtui was not answered yes to before. Raises Refused."""
    asked = " ".join((question.consent, question.title, *question.takes))
    if asked not in context.pair.agreed:
        await context.ask(question)
        context.pair.agreed.add(asked)
