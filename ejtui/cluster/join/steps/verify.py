"""The last step: both nodes agree, and first's accounts are read through second's own node."""

from __future__ import annotations

from ejtui.cluster.acts.act import Command, erl
from ejtui.cluster.backups import join_backup
from ejtui.cluster.backups.tables import table_check
from ejtui.cluster.errors import StepFailed
from ejtui.cluster.facts import account_names
from ejtui.cluster.facts.node import REMOTE, PairFacts, in_words
from ejtui.cluster.join import erl_shell
from ejtui.cluster.join.steps.step import Evidence, Step, StepState, done, todo
from ejtui.cluster.operations import accounts, routing, web_admin
from ejtui.cluster.pair.plan import Plan
from ejtui.cluster.pair.storage_choices import Choices
from ejtui.cluster.run.context import StepContext
from ejtui.cluster.tables.copies import overruled, overruled_line

HOSTS_SHOWN = 12
"""So many virtual hosts are shown with their accounts."""


class Verify(Step):
    """Reads, on both nodes, what shows that the join took; changes nothing."""

    id = "verify"
    after = "start"
    title = "Verify"
    does = "compares both nodes and reads first's accounts through second"
    reference = "The same accounts and administration at both sites"
    where = "both"
    why = (
        "A join is done when both nodes report the same: who runs, which tables can be read on "
        "second, every account of first read through second's own node, and that a stanza routed "
        "on second reaches a session on first. That session is of a user that does not exist, and "
        "is closed at once."
    )
    changes = False

    def state(self, facts: PairFacts, choices: Choices) -> StepState:
        del choices
        differences = _differences(facts)
        if differences:
            return todo(differences[0])
        return done(f"both nodes agree; {facts.second.accounts} accounts")

    def commands(self, plan: Plan) -> list[Command]:
        first, second = plan.at_first, plan.at_second
        runs = [erl(at, "mnesia:system_info(running_db_nodes).") for at in (first, second)]
        session = 'ejabberd_sm:open_session(Sid, <<"ejtui-NUMBER">>, HOST, <<"ejtui">>, []).'
        return [
            *runs,
            erl(second, "ejabberd_auth:user_exists(USER, SERVER)."),
            erl(first, session),
            erl(second, "ejabberd_router:route(Headline)."),
        ]

    async def run(self, context: StepContext) -> Evidence:
        facts = await context.refresh()
        seen = await accounts.read_through(
            context.pair.second,
            context.pair.first,
            lambda p: context.progress(p[0], p[1], "accounts"),
        )
        if seen.missing:
            names = accounts.names(seen.missing)
            listed = account_names.listed(names, seen.asked - seen.read)
            raise StepFailed(f"not readable on second: {listed}")
        differences = _differences(facts)
        if differences:
            raise StepFailed("; ".join(differences))
        if others := [host for host in seen.unserved if host != "localhost"]:
            raise StepFailed(
                f"second does not serve {', '.join(others)}: `ejtui repair config-hosts` adds them"
            )
        routed = await routing.routed(
            context.pair, [host for host in seen.served if host not in seen.unserved]
        )
        counted = await table_check.compare(context)
        await join_backup.finish(context)
        other = overruled(facts, context.choices)
        table, own = f"the table is read from {seen.where_to_read}", "from its own account store"
        where = table if seen.where_to_read else own
        by = "all" if seen.through == seen.read else f"{seen.through:,}"
        return [
            *erl_shell.running_lists(facts),
            f"{len(facts.second.tables)} tables can be read on second",
            f"{seen.read} of {seen.asked} accounts of first read through {facts.second.node}, "
            f"{by} of them by ejabberd; {where}",
            *(_of_host(*each) for each in seen.hosts[:HOSTS_SHOWN]),
            *routed,
            *([overruled_line(other)] if other else []),
            *counted,
            *await web_admin.admin_lines(context.pair),
        ]


def _of_host(host: str, asked: int, read: int) -> str:
    return f"{host}: {read} of {asked} accounts of first's are known to second"


def _differences(facts: PairFacts) -> list[str]:
    first, second = facts.first, facts.second
    found = []
    if set(first.running_db_nodes) != set(second.running_db_nodes):
        found.append(
            f"first runs with {in_words(first.running_db_nodes)}, "
            f"second with {in_words(second.running_db_nodes)}"
        )
    blind = [
        table.name
        for table in first.tables
        if table.storage != REMOTE and not table.local_content and not _readable(facts, table.name)
    ]
    if blind:
        found.append(f"not readable on second: {', '.join(blind)}")
    # Second counts more where it serves another host whose accounts are in the database.
    more = (second.accounts or 0) > (first.accounts or 0) and first.accounts is not None
    if first.accounts != second.accounts and not more:
        found.append(f"first has {first.accounts} accounts, second {second.accounts}")
    return found


def _readable(facts: PairFacts, name: str) -> bool:
    table = facts.second.table(name)
    return table is not None and table.readable
