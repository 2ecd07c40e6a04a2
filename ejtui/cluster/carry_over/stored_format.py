"""The question before second's ejabberd.yml makes ejabberd convert plain passwords to SCRAM."""

from __future__ import annotations

from collections.abc import Sequence

from ejtui.cluster.diagnosis.rules.installation import passwords
from ejtui.cluster.diagnosis.rules.installation.releases import number
from ejtui.cluster.facts.node import PairFacts
from ejtui.cluster.operations.agreement import PLAIN_SECONDS, STORED_FORMAT, ask_once
from ejtui.cluster.question import Question
from ejtui.cluster.run.context import StepContext
from ejtui.erlang.probe import questions
from ejtui.erlang.probe.client import ProbeError
from ejtui.hosts import HostError


async def ask(context: StepContext, hosts: Sequence[str]) -> None:
    """Asks where second gets SCRAM for these virtual hosts and has, or may have, plain passwords.

    Raises Refused.
    """
    facts = context.facts
    if not hosts or number(facts.second.ejabberd_version) >= passwords.KEEPS_PLAIN:
        return
    node = context.pair.first if facts.member else context.pair.second
    try:
        plain: int | None = await questions.plain_passwords(node.probe, PLAIN_SECONDS)
    except (ProbeError, HostError):
        plain = None
    if plain != 0:
        await ask_once(context, question(facts, hosts, plain))


def question(facts: PairFacts, hosts: Sequence[str], plain: int | None) -> Question:
    """Asks by the word of the join: `plain` passwords are plain text, None if not counted."""
    owner = "first" if facts.member else "second"
    whose = "the cluster's accounts" if facts.member else "second's own accounts"
    back = "No rollback makes them plain text again. " if facts.member else (
        "A rollback restores the file, and not the passwords. "
    )  # fmt: skip
    return Question(
        title=f"Let second convert the passwords of {whose}?",
        takes=(
            *(f"{host}: plain now, scram with the new file" for host in hosts),
            passwords.number_line(plain, owner),
            f"with scram, {passwords.conversion(facts, whose)}",
        ),
        consequence=(
            f"What is SCRAM cannot become plain text again. {back}Clients that log in with "
            "DIGEST-MD5, and programs that read passwords, fail from then on. To keep them: answer "
            "No, and leave auth_password_format of second as it is; `ejtui config` shows what "
            "first has."
        ),
        yes_label="Let it convert them",
        consent=STORED_FORMAT,
    )
