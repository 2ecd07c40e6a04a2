"""Accounts in SQL, where they are counted and read through ejabberd, and their tables stay out."""

from __future__ import annotations

from pathlib import Path

import pytest

from ejtui.lab.lab import Lab
from ejtui.lab.people import DOMAIN
from ejtui.lab.place import HOSTS
from tests.lab.cli.driver import Ejtui
from tests.lab.cluster.engine import ctl
from tests.lab.releases import roots
from tests.lab.releases.hosts import hosts
from tests.lab.systemd.booted import EXTRA, PACKAGES
from tests.skipping import skip_for

_SQL = """
f=/etc/ejabberd/ejabberd.yml
printf 'auth_method: sql\\nsql_type: sqlite\\nsql_database: /var/lib/ejabberd/sql\\n' >>$f
ejabberdctl stop
ejabberdctl stopped
find /var/lib/ejabberd -mindepth 1 -maxdepth 1 ! -name .erlang.cookie -exec rm -rf {} +
ejabberdctl start
ejabberdctl started
"""
_METHOD = """
sed -i "s/^auth_method: .*/auth_method: $1/" /etc/ejabberd/ejabberd.yml
ejabberdctl stop
ejabberdctl stopped
ejabberdctl start
ejabberdctl started
"""


def registered(lab: Lab, host: str) -> list[str]:
    return ctl(lab, host, "registered_users", DOMAIN)


def register(lab: Lab, host: str, *users: str) -> None:
    for user in users:
        lab.run(host, ["ejabberdctl", "register", user, DOMAIN, f"secret-of-{user}"])


@pytest.mark.releases
@pytest.mark.catalogue
def test_accounts_in_sql(tmp_path: Path) -> None:
    skip_for(roots.why_not())
    with hosts(tmp_path, "bookworm", "bookworm", (*PACKAGES, *EXTRA)) as lab:
        ejtui = Ejtui(lab)
        lab.run("first", ["sh", "-euc", _SQL], timeout=120)
        register(lab, "first", "anna", "bert")

        # On one side: the one that has none in Mnesia has them all the same.
        _, answer = ejtui.json("check")
        assert [answer[host]["accounts"] for host in HOSTS] == [2, 1]
        codes = {each["code"]: each["severity"] for each in answer["findings"]}
        assert codes == {"config-auth": "error", "config-database": "warning"}, codes

        # The same words on both, and two databases.
        lab.run("second", ["sh", "-euc", _SQL], timeout=120)
        register(lab, "second", "anna")
        status, answer = ejtui.json("check")
        assert [answer[host]["accounts"] for host in HOSTS] == [2, 1]
        [finding] = answer["findings"]
        assert (status, finding["code"], finding["severity"]) == (1, "config-database", "error")
        assert "sqlite on both" in str(finding["evidence"])
        status, answer = ejtui.json("join", "--yes")
        assert (status, answer["changed"]) == (1, False), answer
        assert "SQL database of its host" in answer["error"]["message"]
        status, answer = ejtui.json("repair", "config-database", "--yes")
        assert status == 1, answer
        assert "one server that both hosts reach" in answer["error"]["message"]

        # As with a database that is replicated.
        register(lab, "second", "bert")
        status, answer = ejtui.json("join", "--yes")
        assert status == 0, answer["error"]
        assert [answer[host]["accounts"] for host in HOSTS] == [2, 2]
        status, answer = ejtui.json("check")
        assert (status, answer["findings"]) == (0, []), answer["findings"]

        # Second makes tables for its own accounts, which first has no use for.
        lab.run("second", ["sh", "-euc", _METHOD, "sh", "mnesia"], timeout=120)
        _, answer = ejtui.json("check")
        assert [each["code"] for each in answer["findings"]] == ["config-auth"], answer["findings"]
        assert [answer[host]["accounts"] for host in HOSTS] == [2, 0]
        lab.run("second", ["sh", "-euc", _METHOD, "sh", "sql"], timeout=120)
        status, answer = ejtui.json("rollback", "--yes")
        assert status == 0, answer["error"]
        for host in HOSTS:
            assert ctl(lab, host, "list_cluster") == [f"ejabberd@{host}"]
        assert registered(lab, "first") == ["anna", "bert"]
