"""What the two ejabberd.yml decide, compared before second becomes a member."""

from __future__ import annotations

from collections.abc import Sequence

from ejtui.cluster.acts.act import Command
from ejtui.cluster.administration.compare import summary
from ejtui.cluster.administration.meanings import REFUSED
from ejtui.cluster.carry_over.comparison import with_ways_on
from ejtui.cluster.errors import StepFailed
from ejtui.cluster.facts.node import PairFacts
from ejtui.cluster.facts.settings import UNCOMPARED, Administration
from ejtui.cluster.join.steps.step import Evidence, Step, StepState, done, failed, todo
from ejtui.cluster.operations.agreement import ask_once
from ejtui.cluster.pair.plan import Plan
from ejtui.cluster.pair.storage_choices import Choices
from ejtui.cluster.question import Question
from ejtui.cluster.run.context import StepContext

_SHOWN = 12


class CompareAdministration(Step):
    """Compares what both have loaded; asks where something differs, and changes nothing."""

    id = "administration"
    after = "nodes"
    title = "Administration"
    does = "compares what both `ejabberd.yml` decide; asks where something differs"
    reference = "The same accounts and administration at both sites"
    where = "both"
    why = (
        "A cluster shares no ejabberd.yml: virtual hosts, authentication, modules and access rules "
        "are each node's own. What differs is shown before second becomes a member."
    )
    changes = False

    def state(self, facts: PairFacts, choices: Choices) -> StepState:
        seen = facts.administration
        # A join is here only while both still have a database, and settings, separately.
        past = facts.member or not (facts.first.ejabberd and facts.second.ejabberd)
        if seen is None and not past:
            return todo("compared when it runs")
        if seen is None:
            return done("`ejtui config` compares both files")
        if seen.uncompared:
            return done("not compared, as was agreed")
        if not seen.count:
            return done("nothing that matters differs")
        if past:
            return done(f"{_count(seen)}; `ejtui config` shows them")
        if seen.serious:
            return failed(f"{_count(seen)}; `ejtui config --all` takes first's values")
        if not seen.undecided(choices.decided):
            return done(f"{_count(seen)}, as was decided")
        return todo(f"{_count(seen)}: take first's values, or keep second's")

    def commands(self, plan: Plan) -> list[Command]:
        del plan
        return []

    async def run(self, context: StepContext) -> Evidence:
        facts = await context.refresh()
        if facts.member and not (facts.first.ejabberd and facts.second.ejabberd):
            return ["ejabberd does not run on both: `ejtui config` compares when it does"]
        try:
            found, pending = await with_ways_on(context.pair)
        except StepFailed as error:
            await _not_compared(context, error)
            context.pair.administration = UNCOMPARED
            return [f"not compared, as was agreed: {error}"]
        context.pair.administration = seen = summary(found)
        facts = await context.refresh()
        waits = _at_the_start(pending, facts)
        if not seen.count:
            return [_agrees(facts), *waits]
        if not facts.member:
            if seen.serious:
                raise StepFailed(
                    f"{seen.lines[0]}: `ejtui config` shows all, and `ejtui config --all` gives "
                    f"second first's values{f'. {pending}' if pending else ''}"
                )
            refused = {"first": seen.firsts_refused, "second": seen.refused}
            for node, line in refused.items():
                if line:
                    await ask_once(context, _refused_question(node, line))
            undecided = seen.undecided(context.choices.decided)
            undecided = tuple(line for line in undecided if line not in refused.values())
            if undecided:
                await context.ask(_question(undecided, waits))
            context.choices.decide(seen.marks)
        return [*seen.lines[:_SHOWN], f"{_count(seen)} in all", *waits]


def _agrees(facts: PairFacts) -> str:
    same = "the same, in what matters to a cluster"
    if facts.second.ejabberd:
        return f"both nodes have loaded {same}"
    return f"second's file has what first has loaded: {same}"


def _at_the_start(pending: str, facts: PairFacts) -> list[str]:
    """What a file that is not loaded means; a join ends second and starts it again."""
    if pending and not facts.member:
        return [f"{pending} A join loads it, too: its step Start starts second with it."]
    return [pending] if pending else []


async def _not_compared(context: StepContext, error: StepFailed) -> None:
    """Asks whether to go on where nobody knows what differs. Raises Refused."""
    agreed = "administration not compared"
    if agreed in context.pair.agreed:
        return
    await context.ask(
        Question(
            title="Go on without having compared the two ejabberd.yml?",
            takes=(f"nothing could be compared: {error}",),
            consequence=(
                "Second becomes a member with its own ejabberd.yml, whatever it holds: other "
                "hosts, another authentication or another database would keep first's users out. "
                "With a No, start ejabberd on both, and `ejtui config` compares."
            ),
            yes_label="Go on without",
        )
    )
    context.pair.agreed.add(agreed)


_MAY_NOT_START = {
    "first": (
        "A join does not restart first. But once first ends, it may not start again with that "
        "file, and nobody is served on first until the file is put right by hand."
    ),
    "second": (
        "A join ends ejabberd on second and starts it again with that file. It may not start "
        "then: nobody is served on second until the file is put right by hand, and the join "
        "stands at its step Start."
    ),
}


def _refused_question(node: str, refused: str) -> Question:
    """Asks before a join with a node that may not start again. A plain yes is not enough."""
    return Question(
        title=f"Join, although ejabberd refuses {node}'s ejabberd.yml?",
        takes=(refused,),
        consequence=(
            f"{_MAY_NOT_START[node]} With a No, edit the file, and `ejabberdctl reload_config` "
            f"on {node} shows whether ejabberd takes it."
        ),
        yes_label="Join all the same",
        consent=REFUSED,
    )


def _count(seen: Administration) -> str:
    return _in_words(seen.count)


def _in_words(count: int) -> str:
    return f"{count} difference{'' if count == 1 else 's'} between the two ejabberd.yml"


def _question(lines: Sequence[str], waits: Sequence[str]) -> Question:
    rest = len(lines) - _SHOWN
    keeps = "Second keeps its own values, and its users and administrators notice it."
    if waits:
        keeps = f"Second gets what its own file has. {waits[0]}"
    more = [f"and {rest} more: `ejtui config` shows all"] if rest > 0 else []
    return Question(
        title=f"Go on with {_in_words(len(lines))}?",
        takes=(*lines[:_SHOWN], *more),
        consequence=(
            f"{keeps} With a No, `ejtui config` shows what follows from each, and "
            "`ejtui config --take OPTION` or `--all` gives second first's values."
        ),
        yes_label="Go on with second's own",
    )
