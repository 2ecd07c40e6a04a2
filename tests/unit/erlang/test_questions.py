"""The probe's typed questions: an answer of another shape is refused, and nothing is made of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from ejtui.erlang.probe import questions
from ejtui.erlang.probe.client import ProbeError
from ejtui.erlang.probe.questions import (
    Change,
    Compared,
    Content,
    Custom,
    Difference,
    Entry,
    FileContent,
    Formats,
    KeptTable,
    LeftTable,
    Listed,
    Lock,
    Offered,
    OfferedAccount,
    OfferedPlace,
    Place,
    Problem,
    Read,
    ReadBack,
    ReadThrough,
    Retired,
    Room,
    Sum,
    Vm,
    Way,
    Written,
    typed,
)
from ejtui.erlang.probe.row_list import RowList

Question = Callable[[questions.Asked], Awaitable[object]]


class Probe:
    """Answers everything with one thing."""

    def __init__(self, answer: object) -> None:
        self._answer = answer

    async def ask(self, question: str, *args: object, **how: Any) -> Any:
        del question, args, how
        return self._answer


OFFERED = RowList.of(
    [("ann", "x")],
    lambda row: OfferedAccount(typed.pair(row), "new", ("plain",), {"roster": 2}, {}),
)
WELL: list[tuple[Question, object, object]] = [
    (questions.vm, {"vm": "up", "vm_why": None}, Vm("up")),
    (
        lambda probe: questions.room(probe, "/"),
        {"free": 7, "mount": "/", "files": None, "memory": True},
        Room(7, "/", memory=True),
    ),
    (
        lambda probe: questions.entries(probe, "/"),
        [{"name": b"caf\xe9", "type": "regular", "size": 3}],
        [Entry("caf\udce9", "regular", 3)],
    ),
    (lambda probe: questions.sums(probe, ["/a"], 1), [("/a", "00", 5)], [Sum("/a", "00", 5)]),
    (lambda probe: questions.unsafe(probe, ["/a"]), [("/a", "a link")], [("/a", "a link")]),
    (lambda probe: questions.way(probe, "a@b"), {"broken": None, "why": None}, Way()),
    (lambda probe: questions.table_progress(probe, "a@b", "t"), (4, None), (4, None)),
    (questions.listeners, [(5280, False, "/admin")], [(5280, False, "/admin")]),
    (
        lambda probe: questions.read_backup(probe, "/a", 1),
        {"tables": {"passwd": 25}, "records": 25},
        Read({"passwd": 25}, 25),
    ),
    (
        lambda probe: questions.change(probe, "start", []),
        {"result": "already", "reason": None},
        Change("already"),
    ),
    (lambda probe: questions.set_cookie(probe, None), {"result": "done"}, "done"),
    (lambda probe: questions.stop_node(probe, 1), {"how": "sigterm"}, "sigterm"),
    (questions.hold_name, {"result": "held", "why": None}, "held"),
    (
        lambda probe: questions.retire(probe, "a@b", "x", 1),
        {"place": "/p", "files": 3},
        Retired("/p", 3),
    ),
    (
        questions.custom_schema,
        {"path": "/s", "elsewhere": False, "text": None, "error": None},
        Custom("/s", False, None),
    ),
    (
        lambda probe: questions.passwords(probe, ["x"], "/f"),
        {"source": "running", "hosts": {"x": "scram"}},
        Formats("running", {"x": "scram"}),
    ),
    (
        lambda probe: questions.read_accounts(probe, "a@b", 1),
        {"asked": 2, "read": 1, "through": 1, "missing": [("ben", "x")], "where_to_read": None,
         "hosts": [], "served": [], "unserved": []},
        ReadThrough(2, 1, 1, (("ben", "x"),), ""),
    ),
    (
        lambda probe: questions.compare_databases(probe, "a@b", timeout=1),
        {"alone": "ann\x1fx", "differ": "ben\x1fx\x1fother\x1froster:2",
         "rooms": [("tea", "c.x", "gone")], "groups": [], "nodes": [], "tables": {"t": 1},
         "unread": ["t has 9 records"]},
        Compared((("ann", "x"),), (Difference(("ben", "x"), "other", {"roster": 2}),),
                 (Place("tea", "c.x", "gone"),), (), (), {"t": 1}, ("t has 9 records",)),
    ),
    (
        lambda probe: questions.list_backups(probe, ["/r"], 9),
        {"backups": [("x", "{}", [("schema.DAT", 4)])], "problems": [("/r/y", "a link", False)]},
        ([Listed("x", b"{}", {"schema.DAT": 4})], [Problem("/r/y", "a link", False)]),
    ),
    (
        lambda probe: questions.backup_node(probe, "/f", 1),
        {"size": 1, "sha256": "00"},
        Written(1, "00"),
    ),
    (
        lambda probe: questions.kept_tables(probe, "/f", ["t"], 1),
        {"t": {"kept": 3, "missing": 2, "present": 1, "definition": "same", "type": "set"}},
        {"t": KeptTable(3, 2, 1, "same")},
    ),
    (
        lambda probe: questions.kept_content(probe, questions.directory("/d"), 1),
        {"accounts": "ann\x1fx", "tables": {"passwd": 1}, "doubts": []},
        Content((("ann", "x"),), {"passwd": 1}),
    ),
    (
        lambda probe: questions.kept_file(probe, "/d", "schema.DAT", 1),
        {"records": 3, "unread": 2, "cookie": "5e"},
        FileContent(3, 2, "5e"),
    ),
    (
        lambda probe: questions.kept_accounts(probe, questions.file("/f"), "a@b", 1),
        {"accounts": "\x1f".join(("ann", "x", "new", "plain", "roster:2", "")),
         "places": [{"kind": "room", "name": "tea", "host": "c.x", "state": "new", "members": 0}],
         "left_out": [{"table": "t", "records": 1, "why": "so"}], "doubts": ["d"]},
        Offered(OFFERED,
                (OfferedPlace("room", "tea", "c.x", "new", 0),), (LeftTable("t", 1, "so"),),
                ("d",)),
    ),
    (
        lambda probe: questions.bring_accounts(probe, questions.file("/f"), "a@b", [], 1),
        [("ann", "x", {"passwd": (1, 0)}), ("ben", "x", "there")],
        {("ann", "x"): {"passwd": (1, 0)}},
    ),
    (
        lambda probe: questions.read_back(probe, questions.file("/f"), "a@b", [], 1),
        {"records": 2, "same": 1, "missing": [("ann", "x", "roster")], "unknown": []},
        ReadBack(2, 1, (("ann", "x", "roster"),), ()),
    ),
    (
        lambda probe: questions.take_lock(probe, "/l", {}),
        ("busy", {"who": "eve"}),
        Lock("busy", {"who": "eve"}),
    ),
    (lambda probe: questions.look_at_lock(probe, "/l"), "free", Lock("free")),
    (lambda probe: questions.keeps_elsewhere(probe, "a@b", 1), True, True),
]  # fmt: skip


@pytest.mark.parametrize("answer", [None, 7, [1], {"other": 1}])
async def test_what_is_no_list_of_accounts_is_not_taken_for_none(answer: object) -> None:
    with pytest.raises(ProbeError, match="garbled"):
        await questions.list_accounts(Probe(answer), "a@b", 1)
    assert await questions.list_accounts(Probe(""), "a@b", 1) == []


@pytest.mark.parametrize(("question", "answer", "typed"), WELL)
async def test_an_answer_has_its_type(question: Question, answer: object, typed: object) -> None:
    assert await question(Probe(answer)) == typed


@pytest.mark.parametrize("question", [question for question, _, _ in WELL])
@pytest.mark.parametrize("answer", [None, 7, "text", [1], {"other": 1}])
async def test_an_answer_of_another_shape_is_garbled(question: Question, answer: object) -> None:
    with pytest.raises(ProbeError, match="garbled"):
        await question(Probe(answer))


@pytest.mark.parametrize(
    ("question", "nothing"),
    [(questions.run_erl, ""), (questions.changes_schema, False), (questions.next_release, "")],
)
async def test_nothing_known_is_an_answer(question: Question, nothing: object) -> None:
    assert await question(Probe(None)) == nothing


@pytest.mark.parametrize(
    "changed",
    [
        {"accounts": "\x1f".join(("ann", "x", "ours", "plain", "", ""))},
        {"places": [{"kind": "x", "name": "t", "host": "h", "state": "new", "members": 0}]},
    ],
)
async def test_words_that_no_probe_uses_are_garbled(changed: dict[str, object]) -> None:
    answer = {"accounts": "", "places": [], "left_out": [], "doubts": [], **changed}
    with pytest.raises(ProbeError, match="garbled"):
        await questions.kept_accounts(Probe(answer), questions.file("/f"), "a@b", 1)
