"""Both nodes side by side as text."""

from __future__ import annotations

from dataclasses import replace

from ejtui.cli.render.sides import side_by_side
from ejtui.cluster.facts.node import CookieFacts, NodeFacts, PairFacts, SchemaFacts, TableFacts

NODES = ("ejabberd@first", "ejabberd@second")


def node(name: str, **given: object) -> NodeFacts:
    plain = NodeFacts(
        name=name,
        node=f"ejabberd@{name}",
        vm="up",
        ejabberd=True,
        ejabberd_version="23.01",
        otp_release="25",
        mnesia="yes",
        db_nodes=NODES,
        running_db_nodes=NODES,
        schema=SchemaFacts(storage="disc_copies"),
        accounts=25,
        cookie=CookieFacts(sha256="5ecfc5" + "0" * 58, mode=0o400),
    )
    return replace(plain, **given)  # type: ignore[arg-type]


def line(lines: list[str], label: str) -> str:
    return next(each for each in lines if each.startswith(label))


def test_two_alike_have_no_mark_but_in_the_legend() -> None:
    lines = side_by_side(PairFacts(node("first"), node("second")))
    assert not [each for each in lines if "≠" in each]
    assert lines[-1] == "The nodes agree in all of this."
    assert line(lines, "accounts").split() == ["accounts", "25", "25"]


def test_what_differs_is_marked() -> None:
    second = node(
        "second",
        cookie=CookieFacts(sha256="beef00", mode=0o400),
        schema=SchemaFacts(storage="ram_copies"),
        running_db_nodes=NODES[1:],
        accounts=1,
    )
    lines = side_by_side(PairFacts(node("first"), second))
    marked = [each.split()[0] for each in lines if "≠" in each]
    assert marked == ["cookie", "runs", "schema", "accounts", "≠"]
    assert lines[-1] == "≠ stands where the two differ: in 4 of the 8 lines that are compared."
    assert "RAM and disc copy" in line(lines, "schema")
    assert "RAM copy" in line(lines, "schema")


def test_what_is_not_known_does_not_differ() -> None:
    """As of a second that is starting, which cannot count its accounts yet."""
    lines = side_by_side(PairFacts(node("first"), node("second", accounts=None)))
    assert line(lines, "accounts").split() == ["accounts", "25", "?"]


def test_what_was_started_as_ejabberd_is_no_erl() -> None:
    down = {"ejabberd": False, "os_pid": "7"}
    for started, word in (("ejabberd", "its VM runs"), ("mnesia", "an erl runs")):
        lines = side_by_side(PairFacts(node("first"), node("second", started=started, **down)))
        assert f"{word}, ejabberd does not" in line(lines, "state")


def test_order_of_names_is_no_difference() -> None:
    lines = side_by_side(PairFacts(node("first"), node("second", db_nodes=NODES[::-1])))
    assert "≠" not in line(lines, "knows")


def test_an_unreachable_host_says_why() -> None:
    gone = NodeFacts.unreachable("second", "second (op@b): refused.\nStart sshd there.")
    lines = side_by_side(PairFacts(node("first"), gone))
    assert "not reached" in line(lines, "state")
    assert lines[-2:] == ["second (op@b): refused.", "Start sshd there."]


def test_what_cannot_be_asked_of_a_stopped_one_is_not_known() -> None:
    stopped = replace(node("second", accounts=None), vm="down", db_nodes=(), running_db_nodes=())
    lines = side_by_side(PairFacts(node("first"), stopped))
    for label in ("knows", "runs with", "schema", "accounts", "tables"):
        assert line(lines, label).endswith("not known: stopped")
        assert "≠" not in line(lines, label)
    assert "remote copy" not in "".join(lines)
    gone = NodeFacts.unreachable("second", "refused")
    assert line(side_by_side(PairFacts(node("first"), gone)), "tables").endswith("not known")


def test_a_vm_that_does_not_answer_is_not_stopped() -> None:
    silent = replace(node("second", vm="down"), ejabberd=False, os_pid="125")
    lines = side_by_side(PairFacts(node("first"), silent))
    assert "runs, does not answer" in line(lines, "state")
    assert "stopped" not in "\n".join(lines)
    assert "not known: no answer" in line(lines, "schema")


def test_tables_that_differ_in_one_cluster_are_named() -> None:
    tables = tuple(TableFacts(f"t{n:02}", storage="disc_copies") for n in range(20))
    local = TableFacts("own", storage="ram_copies", local_content=True)
    first = node("first", tables=(*tables, local))
    lines = side_by_side(PairFacts(first, node("second", tables=tables[15:])))
    assert line(lines, "tables").split("≠") == [
        "tables    21 held here                     ",
        " 5 held here",
    ]
    assert "  t00     RAM and disc copy                ≠ remote copy" in lines
    assert any("and 3 tables more" in each for each in lines)
    legend = "remote copy: none there; what is in it is read from another node."
    assert legend in lines
    assert legend not in side_by_side(PairFacts(node("first"), node("second")))
    assert not any("own" in each for each in lines)


def test_it_fits_80_columns_and_prints_whatever_the_nodes_say() -> None:
    long = "ejabberd@" + "x" * 60 + ".example.net"
    hostile = "\x1b[2Jejabberd@evil\r\n"
    first = node("first", node=long, db_nodes=(long, hostile), error=hostile * 20)
    second = node("second" * 9, tables=(TableFacts("t" * 70, storage="ram_copies"),))
    lines = side_by_side(PairFacts(first, second))
    wide = [line for line in lines if len(line) > 80]
    assert all(len(line.split()) <= 2 for line in wide), "a line is too wide for one word alone"
    assert all(each.isprintable() for each in lines)


def test_ascii_where_there_is_no_more() -> None:
    pair = PairFacts(node("first"), node("second", accounts=1))
    assert "\n".join(side_by_side(pair, sign="!")).isascii()


def test_what_is_not_known_of_a_host_does_not_differ() -> None:
    away = NodeFacts.unreachable("second", "no route to host", NODES[1])
    lines = side_by_side(PairFacts(node("first"), away))
    assert not [each for each in lines if "≠" in each]


def test_equal_numbers_of_accounts_are_compared_only_of_two_that_run_together() -> None:
    def agree(one: tuple[str, ...], other: tuple[str, ...]) -> str:
        first = node("first", running_db_nodes=one)
        return side_by_side(PairFacts(first, node("second", running_db_nodes=other)))[-1]

    assert agree(NODES, NODES) == "The nodes agree in all of this."
    assert "in 1 of the 7 lines" in agree(NODES[:1], NODES[1:])
    apart = PairFacts(node("first", running_db_nodes=NODES[:1]),
                      node("second", running_db_nodes=NODES[1:], accounts=26))  # fmt: skip
    assert "in 2 of the 8 lines" in side_by_side(apart)[-1]
