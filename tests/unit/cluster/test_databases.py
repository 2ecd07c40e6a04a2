"""Whether two nodes with accounts in SQL keep them in one database."""

from __future__ import annotations

from typing import Any

import pytest

from ejtui.cluster.diagnosis.diagnose import findings
from ejtui.cluster.facts.examination import Examined, NodeExam
from ejtui.cluster.facts.settings import NodeSettings, Setting
from ejtui.cluster.finding import Finding
from tests.unit.cluster.conftest import Story

HOST = "chat.example"


def exam(mark: str = "", **options: str) -> NodeExam:
    """A node with accounts in SQL; `mark` is the digest of their names, "" for not known."""
    named = {"auth_method": "sql", "sql_type": "pgsql", "sql_server": "", **options}
    settings = {
        name: Setting(f"of {text} {options.get(f'_{name}', '')}", text)
        for name, text in named.items()
        if not name.startswith("_")
    }
    return NodeExam(
        asked=True,
        settings=NodeSettings(
            asked=True,
            hosts=(HOST,),
            options={HOST: settings},
            accounts={HOST: mark} if mark else {},
        ),
    )


def found(
    first: NodeExam, second: NodeExam, accounts: tuple[int, int] = (2, 2)
) -> dict[str, Finding]:
    story: Any = Story()
    facts = story.first_is(story.same_cookie(), accounts=accounts[0])
    facts = story.second_is(facts, accounts=accounts[1])
    return {each.code: each for each in findings(facts, Examined(first, second))}


FILE = {"sql_type": "sqlite", "sql_database": "/var/lib/ejabberd/sql"}
OWN = {"sql_server": "localhost"}
ELSEWHERE = {"_sql_server": "another"}


@pytest.mark.parametrize(
    ("first", "second", "accounts"),
    [
        pytest.param(exam("a"), exam("a"), (2, 2), id="one database"),
        pytest.param(exam("a"), exam("a"), (2, 3), id="one database, counted a moment apart"),
        pytest.param(exam(), exam(), (2, 3), id="one name, too many to list"),
        pytest.param(exam("a", **OWN), exam("a", **OWN), (2, 2), id="replicas"),
        pytest.param(exam(**OWN), exam(**OWN), (2, 2), id="replicas, too many to list"),
        pytest.param(exam("a", **FILE), exam("a", **FILE), (2, 2), id="replicated files"),
    ],
)
def test_what_may_be_one_database_is_no_finding(
    first: NodeExam, second: NodeExam, accounts: tuple[int, int]
) -> None:
    assert "config-database" not in found(first, second, accounts)


@pytest.mark.parametrize(
    ("first", "second", "accounts", "evidence"),
    [
        pytest.param(exam("a", **OWN), exam("b", **OWN), (2, 2), "localhost on both", id="own"),
        pytest.param(exam(**OWN), exam(**OWN), (2, 3), "localhost on both", id="own, many"),
        pytest.param(exam("a"), exam("b"), (2, 2), "leads to two servers", id="split-horizon"),
        pytest.param(exam("", **FILE), exam("", **FILE), (0, 0), "a file of each", id="new files"),
        pytest.param(exam("a", **FILE), exam("b", **FILE), (2, 2), "a file of each", id="files"),
    ],
)
def test_two_databases_of_one_name_stop_a_join(
    first: NodeExam, second: NodeExam, accounts: tuple[int, int], evidence: str
) -> None:
    finding = found(first, second, accounts)["config-database"]
    assert finding.severity == "error"
    assert evidence in str(finding.evidence)


@pytest.mark.parametrize(
    ("marks", "accounts", "severity"),
    [
        (("a", "a"), (2, 2), "warning"),
        (("a", "b"), (2, 2), "error"),
        (("", ""), (2, 2), "warning"),
        (("", ""), (2, 3), "error"),
    ],
)
def test_two_names_are_two_databases_where_the_accounts_differ(
    marks: tuple[str, str], accounts: tuple[int, int], severity: str
) -> None:
    finding = found(exam(marks[0]), exam(marks[1], **ELSEWHERE), accounts)["config-database"]
    assert finding.severity == severity
    shown = f"{HOST}: the accounts in SQL are not the same" in finding.evidence
    assert shown == (severity == "error")
    assert finding.subjects == ("sql_server",)
