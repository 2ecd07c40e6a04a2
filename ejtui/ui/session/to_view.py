"""From the cluster's facts to what the screens show. Pure: no host is asked, nothing is decided."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from ejtui.cluster.acts.act import Command
from ejtui.cluster.diagnosis.report import Diagnosis
from ejtui.cluster.facts.node import (
    REMOTE,
    STORAGE_WORDS,
    CookieFacts,
    NodeFacts,
    PairFacts,
    SchemaFacts,
)
from ejtui.cluster.finding import Finding
from ejtui.cluster.join.steps.step import Step, StepState
from ejtui.cluster.pair.connection import ConnectionState
from ejtui.cluster.pair.storage_choices import Choices
from ejtui.cluster.question import Question
from ejtui.cluster.tables import storage as tables
from ejtui.hosts import HostKeyUnknown
from ejtui.ui.state.models import (
    CommandView,
    DiagnosisView,
    FindingView,
    LayerView,
    QuestionView,
    RepairView,
    StepView,
    TableView,
)
from ejtui.ui.state.view_state import Health, LineView, NodeView

if TYPE_CHECKING:
    from ejtui.cluster.repairs.run import Preview


def node_view(facts: NodeFacts, pair: PairFacts | None, where: str) -> NodeView:
    """One node's panel. `pair` is None before both have answered; `where` is for people."""
    health = health_of(facts)
    if health in (Health.UNREACHABLE, Health.UNASKED):
        return NodeView(facts.name, facts.node, where, health, _trouble(facts))
    return NodeView(
        name=facts.name,
        node=facts.node,
        where=where,
        health=health,
        ejabberd=facts.ejabberd_version,
        otp=facts.otp_release,
        cookie=facts.cookie.digits,
        cookie_trouble=_cookie_trouble(facts.cookie),
        runs=("?",) if facts.silent_vm else _hosts(facts.running_db_nodes, pair),
        members=("?",) if facts.silent_vm else _hosts(facts.db_nodes, pair),
        schema=_schema(facts),
        accounts=facts.accounts,
        tables_here=_held(facts),
        tables_known=len(facts.tables) or None,
        tables_waiting=len(facts.waiting),
        settings_apart=_settings_apart(pair),
    )


def _settings_apart(pair: PairFacts | None) -> int | None:
    seen = pair.administration if pair else None
    return None if seen is None or seen.uncompared else seen.count


def line_view(line: ConnectionState, stands: bool) -> LineView | None:
    """Since when the host does not answer; None where it does."""
    if line.since is None:
        return None
    seconds = "%H:%M:%S"
    return LineView(
        line.since.strftime(seconds),
        line.next_try.strftime(seconds) if line.next_try else "",
        stands,
    )


def _trouble(facts: NodeFacts) -> tuple[str, ...]:
    """Why there is no answer; the panel it is in shows the node."""
    return tuple(facts.silence.splitlines())


def health_of(facts: NodeFacts) -> Health:
    """How the node is, in one word of the panel."""
    if not facts.asked:
        return Health.UNASKED if facts.reachable else Health.UNREACHABLE
    if facts.ejabberd:
        return Health.RUNNING
    if facts.starting:
        return Health.STARTING
    if facts.silent_vm:
        return Health.NOT_ANSWERING
    return {
        "up": Health.ERL_SHELL if _is_erl(facts) else Health.APP_DOWN,
        "rejected": Health.REFUSES,
    }.get(facts.vm, Health.STOPPED)


def _is_erl(facts: NodeFacts) -> bool:
    """Whether its VM is an erl with Mnesia, and not what an ejabberd left behind."""
    return facts.mnesia_runs and facts.started != "ejabberd"


def _cookie_trouble(cookie: CookieFacts) -> str:
    if cookie.sha256:
        return ""
    return "none" if cookie.mode is None else "unreadable"


def _hosts(nodes: Iterable[str], pair: PairFacts | None) -> tuple[str, ...]:
    """Nodes by the pair's own names where they are of the pair, else whole; in one order."""
    both = (pair.first, pair.second) if pair else ()
    names = {facts.node: facts.name for facts in both}
    if len(names) < len(both):
        names = {}  # One node that is given twice has no name of the two.
    order = list(names.values())
    named = [names.get(node, node) for node in nodes]
    return tuple(sorted(named, key=lambda name: (name not in order, name)))


def _schema(facts: NodeFacts) -> str:
    if facts.mnesia_runs:
        return STORAGE_WORDS.get(facts.schema.storage, facts.schema.storage)
    disk: SchemaFacts | None = facts.disk_schema
    return "on disc" if disk is not None else "none"


def _held(facts: NodeFacts) -> int | None:
    if not facts.mnesia_runs:
        return None
    return sum(table.storage != REMOTE for table in facts.tables)


def table_views(pair: PairFacts, choices: Choices) -> tuple[TableView, ...]:
    """Every table that either node knows, the schema apart, by name."""
    return tuple(_table_view(row) for row in tables.rows(pair, choices) if row.name != "schema")


def _table_view(row: tables.TableRow) -> TableView:
    return TableView(
        name=row.name,
        first=STORAGE_WORDS[row.first],
        second=STORAGE_WORDS[row.second],
        records=row.records,
        size=row.bytes,
        chosen=STORAGE_WORDS[row.wanted],
        local=row.local_content,
        differs=row.differs and not row.local_content,
        why_fixed="each node's own" if row.local_content else "",
        overruled=row.overruled,
        of_first=row.of_first,
    )


def step_view(step: Step, state: StepState, commands: Iterable[Command]) -> StepView:
    """One step of the checklist."""
    return StepView(
        id=step.id,
        number=step.number,
        title=step.title,
        state=state.state,
        detail=state.detail,
        reference=step.reference,
        where=step.where,
        why=step.why,
        commands=_command_views(commands),
        findings=tuple(finding_view(finding) for finding in state.findings),
    )


def diagnosis_view(
    seen: Diagnosis, preview: Callable[[Finding], Preview], at: str
) -> DiagnosisView:
    """What a check found and how far it looked; `preview` shows what a repair would run."""
    names = {"first": seen.facts.first.name, "second": seen.facts.second.name}
    return DiagnosisView(
        findings=tuple(
            finding_view(finding, names.get(finding.node, "both nodes"), preview(finding))
            for finding in seen.findings
        ),
        layers=tuple(LayerView(look.layer, look.well, look.seen) for look in seen.looked_at),
        healthy=seen.healthy,
        joined=seen.facts.member,
        standing=seen.half_done.text if seen.half_done else "",
        at=at,
        undoes=seen.examined.undoes,
    )


def finding_view(finding: Finding, on: str = "", preview: Preview | None = None) -> FindingView:
    """One finding; without a preview its repair is not known yet."""
    return FindingView(
        finding.code, finding.title, finding.node, finding.evidence, finding.explanation,
        finding.repair, finding.severity, on or finding.node,
        "" if finding.sure else finding.settled_by or "another look",
        finding.consequences, repair_view(preview) if preview else RepairView(),
    )  # fmt: skip


def repair_view(preview: Preview) -> RepairView:
    """What the repair of a finding runs."""
    return RepairView(
        preview.title, _command_views(preview.commands), preview.cannot_undo, preview.backup,
        preview.why_none,
    )  # fmt: skip


def _command_views(commands: Iterable[Command]) -> tuple[CommandView, ...]:
    return tuple(CommandView(c.host, c.as_user, c.place, c.text) for c in commands)


def question_view(question: Question) -> QuestionView:
    """A question of the cluster's, as its dialog shows it."""
    return QuestionView(
        question.title, question.takes, question.consequence, question.yes_label,
        question.destructive, question.consent, _command_views(question.commands), question.diff,
    )  # fmt: skip


def host_key_question(name: str, trouble: HostKeyUnknown) -> QuestionView:
    """Whether a host key that nobody has seen before is to be trusted."""
    return QuestionView(
        f"{name} shows a host key that is not known here",
        (trouble.where, trouble.algorithm, f"fingerprint {trouble.fingerprint}"),
        "Compare it with the one on that host: ssh-keygen -lf on its "
        f"/etc/ssh/ssh_host_*_key.pub. A yes adds it to {trouble.known_hosts_file}.",
        "Yes, trust this key",
        destructive=False,
    )
