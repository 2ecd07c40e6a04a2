"""How each node stores passwords, where it is not the same."""

from __future__ import annotations

from collections.abc import Iterator

from ejtui.cluster.diagnosis.declaration import Declaration, Rule
from ejtui.cluster.diagnosis.rules.case import Case
from ejtui.cluster.diagnosis.rules.installation.releases import number
from ejtui.cluster.facts.examination import PasswordFormats
from ejtui.cluster.facts.node import PairFacts
from ejtui.cluster.finding import Finding

KEEPS_PLAIN = (25, 3)
"""From this release on, an ejabberd that starts leaves the stored passwords as they are."""

TABLE = "passwd"

TAKE = "`ejtui config --take auth_password_format`"
"""The command that gives second first's format."""


def config_passwords(case: Case) -> Iterator[Finding]:
    """First stores passwords in one format and second in another."""
    lines = differences(case)
    if not lines or not case.both_asked:
        return
    yield Finding(
        "config-passwords",
        "the nodes store passwords in different formats",
        "second",
        (*lines, effect(case.facts)),
        "auth_password_format is each node's own setting, and the accounts are the cluster's. What "
        "was converted to SCRAM cannot be converted to plain text again.",
        f"{TAKE} gives second first's value; or give first's ejabberd.yml second's by hand",
        sure=known(case),
        settled_by="" if known(case) else "auth_password_format of both nodes",
    )


def converts(case: Case) -> bool:
    """Whether second's start as a member would convert passwords of first's, or may do so."""
    if number(case.facts.second.ejabberd_version) >= KEEPS_PLAIN or not _stored(case.facts):
        return False
    first, second = _formats(case)
    plain = [host for host in first.hosts if first.of(host) == "plain"]
    return any(second.of(host) != "plain" for host in plain)


def known(case: Case) -> bool:
    """Whether both formats could be read."""
    return all(formats.source for formats in _formats(case))


def differences(case: Case) -> list[str]:
    """One line for each virtual host of first's that second would store otherwise."""
    first, second = _formats(case)
    if not first.source or not _stored(case.facts):
        return []
    return [
        f"{host}: {first.of(host)} on first, {second.of(host) or _unread(second)} on second"
        for host in first.hosts
        if first.of(host) != second.of(host) and (second.source or first.of(host) == "plain")
    ]


def effect(facts: PairFacts) -> str:
    """What follows, on the release that second has."""
    if number(facts.second.ejabberd_version) >= KEEPS_PLAIN:
        return (
            f"ejabberd {facts.second.ejabberd_version} leaves the stored passwords as they are; "
            "each password that is set through second is stored in second's format"
        )
    return f"with scram, {conversion(facts, 'every account')}, in the whole cluster"


def conversion(facts: PairFacts, whose: str) -> str:
    """What a start of second's with SCRAM does to the plain passwords."""
    version = facts.second.ejabberd_version or "before 25.03"
    return (
        f"ejabberd {version} converts the plain passwords of {whose} to SCRAM at its start, for "
        "good"
    )


def number_line(plain: int | None, owner: str = "first") -> str:
    """How many passwords of a node's are plain text, None where they could not be counted."""
    if plain is None:
        return f"how many passwords on {owner} are plain text could not be counted"
    return f"{plain} password{' is' if plain == 1 else 's are'} plain text on {owner}"


def _unread(formats: PasswordFormats) -> str:
    return "not given" if formats.source else "could not be read"


def _formats(case: Case) -> tuple[PasswordFormats, PasswordFormats]:
    return case.first.exam.passwords, case.second.exam.passwords


def _stored(facts: PairFacts) -> bool:
    """Whether first keeps accounts in Mnesia; elsewhere no start of second's touches them."""
    table = facts.first.table(TABLE)
    return table is not None and table.size > 0


FINDINGS = (
    Declaration(
        code="config-passwords",
        meaning="The nodes store passwords in different formats.",
        severity="warning",
        rules=(Rule("ejabberd", config_passwords, after=("not-connected",)),),
        instead=f"decide which format is right: {TAKE} gives second first's value; the other way "
        "round, change first's ejabberd.yml by hand",
        command=TAKE.strip("`"),
        not_in_lab="edit auth_password_format in second's ejabberd.yml by hand to see it",
    ),
)
