"""Accounts on a real SQL server that both nodes use, one does, or each has a database of."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from ejtui.lab.faults.node import RUNS, second
from ejtui.lab.lab import Lab
from ejtui.lab.people import DOMAIN, GUEST, people
from ejtui.lab.place import HOSTS
from tests.lab.cli.driver import Ejtui
from tests.lab.cluster.engine import ctl
from tests.lab.releases.hosts import hosts
from tests.lab.releases.sql_servers import MYSQL, OTHER, PGSQL, Server, use, why_not
from tests.skipping import skip_for

MNESIA = ("auth_method: mnesia", "default_db: mnesia")
MOST_SECONDS = 30.0
FIRSTS = sorted(person.user for person in people("first"))


def registered(lab: Lab, host: str) -> list[str]:
    return ctl(lab, host, "registered_users", DOMAIN)


def register(lab: Lab, host: str, *users: str) -> None:
    for user in users:
        lab.run(host, ["ejabberdctl", "register", user, DOMAIN, f"secret-of-{user}"])


def stopped_by(ejtui: Ejtui, code: str) -> str:
    """The evidence of the finding that stops a join, which then changes nothing."""
    status, answer = ejtui.json("check")
    found = {each["code"]: each for each in answer["findings"] if each["severity"] == "error"}
    assert (status, code in found) == (1, True), answer["findings"]
    status, answer = ejtui.json("join", "--yes")
    assert (status, answer["changed"]) == (1, False), answer
    return str(found[code]["evidence"])


@pytest.mark.releases
@pytest.mark.catalogue
@pytest.mark.parametrize("server", [PGSQL, MYSQL], ids=lambda server: server.sql_type)
def test_accounts_on_an_sql_server(tmp_path: Path, server: Server) -> None:
    skip_for(why_not())
    with hosts(tmp_path, "bookworm", "bookworm", server.packages) as lab:
        server.run(lab)
        one_side_alone(lab, server)
        two_databases(lab, server)
        one_database_for_both(lab, server)
        a_renamed_node(lab, server)
        a_server_that_is_gone(lab, server)


def one_side_alone(lab: Lab, server: Server) -> None:
    ejtui = Ejtui(lab)
    server.keeps_accounts(lab, "first")
    register(lab, "first", "anna", "bert")
    stopped_by(ejtui, "config-auth")
    _, answer = ejtui.json("status")
    assert [answer[host]["accounts"] for host in HOSTS] == [2, 1]


def two_databases(lab: Lab, server: Server) -> None:
    """On one server; second's holds as many accounts as first's, and not the same."""
    server.keeps_accounts(lab, "second", OTHER)
    register(lab, "second", "anna", "carl")
    seen = stopped_by(Ejtui(lab), "config-database")
    assert OTHER in seen
    register(lab, "second", "dora")
    stopped_by(Ejtui(lab), "config-database")


def one_database_for_both(lab: Lab, server: Server) -> None:
    ejtui = Ejtui(lab)
    server.keeps_accounts(lab, "second")
    status, answer = ejtui.json("check")
    assert (status, answer["findings"]) == (0, []), answer["findings"]
    assert [answer[host]["accounts"] for host in HOSTS] == [2, 2]

    # Who is deleted and who is new on the server is none of the rollback's business.
    joined(ejtui)
    lab.run("first", ["ejabberdctl", "unregister", "anna", DOMAIN])
    register(lab, "second", "emma")
    rolled_back(ejtui)
    for host in HOSTS:
        assert registered(lab, host) == ["bert", "emma"]
    # A backup has none of them, and nothing is brought into the server.
    ran = ejtui("bring-over", joined(ejtui), "--yes")
    assert ran.returncode == 1
    assert "by auth_method" in ran.stderr, ran.stderr
    rolled_back(ejtui)

    # As second's own database is to be used again, and then first's.
    joined(ejtui)
    use(lab, "second", *MNESIA)
    rolled_back(ejtui)
    assert registered(lab, "second") == [GUEST]
    server.keeps_accounts(lab, "second")
    joined(ejtui)
    use(lab, "first", *MNESIA)
    rolled_back(ejtui)
    assert registered(lab, "first") == FIRSTS

    # And where the accounts go to the server after the join.
    use(lab, "second", *MNESIA)
    joined(ejtui)
    server.keeps_accounts(lab, "second")
    said = rolled_back(ejtui)
    assert f"in its database again: {GUEST}@{DOMAIN}" in said
    use(lab, "second", *MNESIA)
    assert registered(lab, "second") == [GUEST]


def a_renamed_node(lab: Lab, server: Server) -> None:
    node, name = second(lab), "ejabberd@localhost"
    server.keeps_accounts(lab, "second")
    node.stop()
    node.wipe()
    node.configure(ERLANG_NODE=name)
    node.begin()
    node.until(RUNS, node=name)
    status, answer = Ejtui(lab).json("repair", "dist-loopback", "--yes")
    assert status == 0, answer["error"]
    assert answer["second"]["name"] == "ejabberd@second"
    assert registered(lab, "second") == ["bert", "emma"]


def a_server_that_is_gone(lab: Lab, server: Server) -> None:
    """It holds up no look at the nodes, and no account is counted that nobody can see."""
    server.keeps_accounts(lab, "first")
    server.end(lab)
    began = time.monotonic()
    status, answer = Ejtui(lab).json("status")
    assert time.monotonic() - began < MOST_SECONDS
    assert (status, [answer[host]["running"] for host in HOSTS]) == (0, [True, True]), answer
    assert [answer[host]["accounts"] for host in HOSTS] in ([None, None], [0, 0])


def joined(ejtui: Ejtui) -> str:
    """Second is a member; its backup."""
    status, answer = ejtui.json("join", "--yes")
    assert status == 0, answer["error"]
    backup = str(answer["backup"])
    status, answer = ejtui.json("check")
    assert (status, answer["findings"]) == (0, []), answer["findings"]
    return backup


def rolled_back(ejtui: Ejtui) -> str:
    """Second is alone again; what the rollback shows."""
    status, answer = ejtui.json("rollback", "--yes")
    assert status == 0, answer["error"]
    for host in HOSTS:
        assert ctl(ejtui.lab, host, "list_cluster") == [f"ejabberd@{host}"]
    return str(answer["evidence"])
