"""Ejabberd's log as evidence, on what ejabberd 23.01 and OTP 25 really wrote."""

from __future__ import annotations

import pytest

from ejtui.cluster.diagnosis.log_reading import code_of, log_facts
from ejtui.cluster.diagnosis.rules.case import Case
from ejtui.cluster.facts.examination import Examined, NodeExam
from ejtui.cluster.facts.log import Core
from tests.unit.cluster.conftest import Story

ROOT_OWNED = """\
2026-11-22 23:16:18.100000+00:00 [info] <0.123.0>@ejabberd_config:load/1:82 Loading configuration
2026-11-22 23:16:19.304752+00:00 [error] <0.205.0>@proc_lib:crash_report/4:539 CRASH REPORT:
  crasher:
    initial call: ejabberd_mnesia:init/1
    exception exit: {aborted,
                        {"Cannot read schema","/var/lib/ejabberd/schema.DAT",
                         {error,
                             {file_error,"/var/lib/ejabberd/schema.DAT",
                                 eacces}}}}

2026-11-22 23:16:19.329456+00:00 [info] <0.212.0>@ejabberd_systemd:init/1:103 Got no NOTIFY_SOCKET
2026-11-22 23:16:19.441952+00:00 [error] <0.211.0>@supervisor:start_children/2:392 SUPERVISOR REPORT:
    reason: {aborted,{node_not_running,ejabberd@second}}
2026-11-22 23:16:19.445982+00:00 [critical] <0.123.0>@ejabberd_app:start/2:68 Failed to start ejabberd application: {error,
                                           {aborted, {node_not_running, ejabberd@second}}}
"""  # noqa: E501


class TestTheFirstError:
    log = log_facts("/var/log/ejabberd/ejabberd.log", "", [(65, ROOT_OWNED)])

    def test_its_line_and_code(self) -> None:
        cause = self.log.cause
        assert cause is not None
        assert (cause.line, cause.code) == (66, "dir-root-owned")
        assert "Cannot read schema" in cause.shown

    def test_the_last_one_misleads(self) -> None:
        assert self.log.errors[-1].line == 78
        assert self.log.last_misleads

    def test_a_single_error_does_not_mislead(self) -> None:
        line = "2026-11-22 23:16:19.4+00:00 [error] <0.2.0> Node name mismatch: I'm [a], owned by"
        log = log_facts("/log", "", [(1, line)])
        assert log.cause is not None
        assert log.cause.code == "renamed"
        assert not log.last_misleads

    def test_a_clean_start_has_none(self) -> None:
        log = log_facts("/log", "", [(1, ROOT_OWNED.splitlines()[0])])
        assert log.cause is None
        assert not log.last_misleads


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (
            "Failed to merge schema: Incompatible schema cookies. Please, restart from old backup.",
            "schema-split",
        ),
        (
            "Failed to merge schema: Incompatible schema storage types (local).",
            "schema-definitions",
        ),
        ("Failed to merge schema: Bad cookie in table definition t: a = {}", "table-cookie"),
        (
            "** Connection attempt from node ejabberd@second rejected. Invalid challenge reply. **",
            "cookie-mismatch",
        ),
        (
            "** Connection attempt from node ejtui_04@second rejected. Invalid challenge reply. **",
            "",
        ),
        (
            "'global' at node a@b requested disconnect from node c@d in order to prevent "
            "overlapping partitions",
            "overlapping",
        ),
        (
            "mnesia_event got {inconsistent_database, running_partitioned_network, a@b}",
            "partitioned",
        ),
        ("** WARNING ** Mnesia is overloaded: {dump_log,write_threshold}", "overload"),
        ("Module mod_mam is recommended for module mod_muc", ""),
    ],
)
def test_known_messages(text: str, code: str) -> None:
    assert code_of(text) == code


def test_what_ejtui_s_own_looks_left_in_the_log_is_no_error() -> None:
    line = (
        "2026-11-22 23:16:14.177827+00:00 [error] <0.605.0> ** Connection attempt from node "
        "ejtui_0482e71545@second rejected. Invalid challenge reply. **"
    )
    assert log_facts("/log", "", [(1, line)]).errors == ()


def test_a_long_message_is_shown_around_its_known_words() -> None:
    padding = "x" * 500
    line = f"2026-11-22 23:16:14.1+00:00 [error] {padding} Bad cookie in table definition t"
    [entry] = log_facts("/log", "", [(1, line)]).errors
    assert "Bad cookie" in entry.shown
    assert len(entry.shown) < 320


def test_a_log_that_cannot_be_read_says_why() -> None:
    log = log_facts("/log", "permission denied", [], Core("/MnesiaCore.x", "text"))
    assert (log.error, log.cause) == ("permission denied", None)


def test_an_error_of_a_node_that_ran_is_not_called_the_reason_of_its_end(story: Story) -> None:
    error = (
        "2026-11-30 11:51:43+00:00 [error] <0.5817.0> ** Connection attempt from node x rejected"
    )
    started = (
        "2026-11-30 11:50:03+00:00 [info] <0.1.0> ejabberd 23.01 is started in the node a@b in 3s"
    )

    def evidence(text: str) -> str:
        exam = NodeExam(asked=True, log=log_facts("/log", "", [(61, text)]))
        down = {"vm": "down", "ejabberd": False, "mnesia": "no", "tables": ()}
        case = Case(story.first_is(story.joined(), **down), Examined(exam, NodeExam()))
        return " ".join(case.first.first_error())

    assert evidence(f"{started}\n{error}") == (
        f"first: /log, line 62, logged while ejabberd ran, which need not be why it ended: {error}"
    )
    assert evidence(error) == f"first: /log, line 61: {error}"
