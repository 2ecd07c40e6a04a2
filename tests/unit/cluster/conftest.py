"""Constructed snapshots of a pair, from two strangers to a joined cluster."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ejtui.cluster.facts.node import (
    DISC,
    DISC_ONLY,
    RAM,
    REMOTE,
    CookieFacts,
    NodeFacts,
    PairFacts,
    PeerFacts,
    SchemaFacts,
    SpoolFacts,
    SpoolFile,
    TableFacts,
)
from ejtui.cluster.facts.settings import Administration

FIRST, SECOND = "ejabberd@first", "ejabberd@second"
TYPES = {"passwd": DISC_ONLY, "roster": DISC_ONLY, "session": RAM, "vcard_search": DISC}
FILES = ("schema.DAT", "LATEST.LOG", "DECISION_TAB.LOG", "passwd.DAT")


class Story:
    """A join as facts: each method is the pair at one moment of it."""

    first, second = FIRST, SECOND
    types = TYPES

    def strangers(self) -> PairFacts:
        """Two ejabberds that run separately, with different cookies."""
        return PairFacts(
            _node("first", FIRST, SECOND, cookie="a1", schema="cookie-of-first"),
            _node("second", SECOND, FIRST, cookie="b2", schema="cookie-of-second"),
        )

    def same_cookie(self) -> PairFacts:
        facts = self.strangers()
        return self.second_is(facts, cookie=facts.first.cookie, peers=_reached(FIRST))

    def compared(self) -> PairFacts:
        """What both have loaded of their ejabberd.yml is the same."""
        return replace(self.same_cookie(), administration=Administration())

    def cleaned(self) -> PairFacts:
        """Second is down and has no database."""
        return self.second_is(
            self.same_cookie(),
            vm="down",
            ejabberd=False,
            mnesia="no",
            db_nodes=(),
            running_db_nodes=(),
            schema=SchemaFacts(),
            tables=(),
            accounts=None,
            spool=SpoolFacts(exists=True),
        )

    def shell_alone(self) -> PairFacts:
        """The erl shell has its prompt, and Mnesia is not connected yet."""
        return self.second_is(
            self.cleaned(),
            vm="up",
            mnesia="yes",
            db_nodes=(SECOND,),
            running_db_nodes=(SECOND,),
            schema=SchemaFacts(RAM, "cookie-of-nobody", ram_copies=(SECOND,)),
        )

    def connected(self) -> PairFacts:
        both = (FIRST, SECOND)
        schema = SchemaFacts(RAM, "cookie-of-first", ram_copies=(SECOND,), disc_copies=(FIRST,))
        facts = self.second_is(
            self.shell_alone(),
            db_nodes=both,
            running_db_nodes=both,
            schema=schema,
            tables=tuple(
                replace(_table(name, kind, REMOTE), storage=REMOTE) for name, kind in TYPES.items()
            ),
        )
        first = replace(
            facts.first,
            db_nodes=both,
            running_db_nodes=both,
            schema=replace(schema, storage=DISC),
        )
        return replace(facts, first=first)

    def synced(self) -> PairFacts:
        facts = self.connected()
        schema = SchemaFacts(DISC, "cookie-of-first", disc_copies=(FIRST, SECOND))
        facts = self.second_is(facts, schema=schema, spool=_spool())
        return replace(facts, first=replace(facts.first, schema=schema))

    def copied(self, **types: str) -> PairFacts:
        """Second has a copy of each table, in first's type unless `types` has another."""
        facts = self.synced()
        kinds = {name: types.get(name, kind) for name, kind in TYPES.items()}
        held = tuple(_table(n, kind, kinds[n]) for n, kind in TYPES.items())
        mine = tuple(replace(t, storage=kinds[t.name], where_to_read=SECOND) for t in held)
        return PairFacts(
            replace(facts.first, tables=held), replace(facts.second, tables=mine, accounts=25)
        )

    def quitted(self) -> PairFacts:
        facts = self.copied()
        facts = self.second_is(
            facts,
            vm="down",
            mnesia="no",
            db_nodes=(),
            running_db_nodes=(),
            schema=SchemaFacts(),
            disk_schema=SchemaFacts(cookie="cookie-of-first", disc_copies=(FIRST, SECOND)),
            tables=(),
            accounts=None,
        )
        return replace(facts, first=replace(facts.first, running_db_nodes=(FIRST,)))

    def joined(self) -> PairFacts:
        return self.second_is(self.copied(), ejabberd=True)

    @staticmethod
    def first_is(facts: PairFacts, **changes: Any) -> PairFacts:
        return replace(facts, first=replace(facts.first, **changes))

    @staticmethod
    def second_is(facts: PairFacts, **changes: Any) -> PairFacts:
        return replace(facts, second=replace(facts.second, **changes))


def _node(name: str, node: str, other: str, *, cookie: str, schema: str) -> NodeFacts:
    return NodeFacts(
        name=name,
        node=node,
        vm="up",
        ejabberd=True,
        ejabberd_version="23.01",
        otp_release="25",
        mnesia="yes",
        db_nodes=(node,),
        running_db_nodes=(node,),
        schema=SchemaFacts(DISC, schema, disc_copies=(node,)),
        tables=tuple(
            replace(_table(t, kind, REMOTE, first_node=node), where_to_read=node)
            for t, kind in TYPES.items()
        ),
        accounts=25 if name == "first" else 1,
        cookie=CookieFacts(sha256=cookie * 32, mode=0o400, owner="ejabberd"),
        spool=_spool(),
        peers={other: PeerFacts(other, "10.0.0.9", 40000, "handshake", "cookie-mismatch", "no")},
        epmd=("ejabberd",),
        hostname=name,
    )


def _reached(node: str) -> dict[str, PeerFacts]:
    return {node: PeerFacts(node, "10.0.0.1", 40000)}


def _spool() -> SpoolFacts:
    return SpoolFacts(exists=True, files=tuple(SpoolFile(name, 100) for name in FILES))


def _table(name: str, first: str, second: str, first_node: str = FIRST) -> TableFacts:
    def holders(storage: str) -> tuple[str, ...]:
        return tuple(n for n, k in ((first_node, first), (SECOND, second)) if k == storage)

    return TableFacts(
        name,
        first,
        ram_copies=holders(RAM),
        disc_copies=holders(DISC),
        disc_only_copies=holders(DISC_ONLY),
        where_to_read=first_node,
        size=25,
        memory=1000,
    )


@pytest.fixture
def story() -> Story:
    return Story()
