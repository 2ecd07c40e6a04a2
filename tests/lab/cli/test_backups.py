"""`ejtui backups`, and rollbacks after which nothing is out of reach, on real nodes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ejtui.cluster.join.steps import STEPS
from ejtui.lab import breakage
from ejtui.lab.faults.node import LabNode, first, second
from ejtui.lab.lab import Lab
from tests.lab.cli.driver import Ejtui, Ran

DOMAIN = "chat.example"
GUEST, LATE = f"guest@{DOMAIN}", f"late@{DOMAIN}"


def users(ejtui: Ejtui, host: str) -> list[str]:
    return ejtui.ctl(host, "registered_users", DOMAIN)


def stamps(ejtui: Ejtui) -> list[str]:
    """The directories of backups on second, the oldest first."""
    root = f"{ejtui.lab.form.home('second')}/ejtui-backups"
    return sorted(ejtui.inside("second", "ls", root).split())


def listed(ejtui: Ejtui) -> dict[str, dict[str, Any]]:
    """Every backup on second by its name."""
    code, answer = ejtui.json("backups")
    assert code == 0, answer
    return {each["name"]: each for each in answer["backups"] if each["host"] == "second"}


def a_pipe_gets_plain_lines(ran: Ran) -> None:
    """Of a whole join: what is printed where nobody looks on."""
    assert ran.returncode == 0, ran.stderr
    assert ran.stderr == ""
    assert all(c.isprintable() or c == "\n" for c in ran.stdout)
    ended = [line for line in ran.stdout.splitlines() if ": done" in line]
    assert len(ended) == len(STEPS)
    closing = " ".join(ran.stdout.rpartition("are one cluster")[2].split())
    assert "second was down for" in closing
    assert "1 account that second alone had: guest@chat.example" in closing
    assert "To undo the join: ejtui --config" in closing


def test_what_a_rollback_takes_off_is_a_backup_like_any_other(fresh_lab: Lab) -> None:
    ejtui = Ejtui(fresh_lab)
    _taken_off_and_back(ejtui)
    _pruned(ejtui)


@pytest.mark.catalogue
def test_accounts_that_are_new_are_kept(fresh_lab: Lab) -> None:
    ejtui = Ejtui(fresh_lab)
    aside = _taken_off_and_back(ejtui)
    _accounts_that_are_new_are_kept(ejtui, second(fresh_lab), aside)
    _pruned(ejtui)


_A_BYTE = r"""
file=$1/database/passwd.DAT
printf X | dd of="$file" bs=1 seek=$(($(stat -c %s "$file") / 2)) conv=notrunc status=none
"""


@pytest.mark.catalogue
def test_a_damaged_backup_is_not_the_last_complete_one(fresh_lab: Lab) -> None:
    ejtui = Ejtui(fresh_lab)
    made: list[str] = []
    for _ in range(2):
        assert ejtui("join", "--yes").returncode == 0
        made.append(next(iter(listed(ejtui))))
        assert ejtui("rollback", made[-1], "--yes").returncode == 0
    older, newer = made
    second(fresh_lab).script(_A_BYTE, f"{root(ejtui)}/{newer}")
    assert listed(ejtui)[newer]["complete"], "its sizes are right"
    code, answer = ejtui.json("backups", "prune", "--yes")
    assert code == 0, answer
    kept = {each["name"]: each["why"] for each in answer["kept"]}
    assert kept[older].startswith("the last complete backup of second's own database")
    assert ejtui("rollback", older, "--yes").returncode == 0


def _taken_off_and_back(ejtui: Ejtui) -> str:
    """Second runs alone and has got an account since: it is named, kept, and comes back.

    Returns the name of the backup that was rolled back to last.
    """
    node = second(ejtui.lab)
    a_pipe_gets_plain_lines(ejtui("join", "--yes"))
    [own] = stamps(ejtui)
    code, answer = ejtui.json("rollback", "--yes")
    assert code == 0, answer
    assert answer["changed"] is True
    assert answer["backup"] == own
    assert answer["first"]["name"] == "ejabberd@first"
    assert answer["second"]["running_db_nodes"] == ["ejabberd@second"]
    copy = answer["set_aside"]["backup"]
    assert answer["evidence"]

    node.register("late")
    ran = ejtui("rollback", own)
    assert ran.returncode == 1
    told = " ".join(ran.stderr.split())
    assert f"1 account lives on second now and neither in this backup nor on first: {LATE}" in told
    code, answer = ejtui.json("rollback", own, "--yes")
    assert code == 0, answer
    assert answer["set_aside"]["accounts"] == [LATE]
    aside = answer["set_aside"]["backup"]
    assert users(ejtui, "second") == ["guest"]

    known = listed(ejtui)
    assert known[own]["uses"] == ["rollback", "bring-over"]
    assert known[own]["accounts"] == [GUEST]
    assert known[copy]["uses"] == ["bring-over"], "a copy of the cluster's is none of second's own"
    assert len(known[copy]["accounts"]) == 25
    assert known[aside]["uses"] == ["rollback", "bring-over"]
    assert known[aside]["accounts"] == [GUEST, LATE]
    assert known[aside]["reason"] == "second's own database, set aside by a rollback"
    assert known[aside]["complete"] is True

    text = ejtui("backups")
    assert text.returncode == 0
    assert all(len(line) <= 80 for line in text.stdout.splitlines())
    assert f"accounts: 2: {GUEST}, {LATE}" in text.stdout

    ran = ejtui("rollback", copy, "--yes")
    assert ran.returncode == 1
    assert f"`{ejtui.named} bring-over {copy}`" in ran.stderr
    ran = ejtui("rollback", "--yes")
    assert ran.returncode == 1, "all that a join made is used up: which of them must be named"
    assert f"{ejtui.named} rollback {aside}" in ran.stderr

    code, answer = ejtui.json("rollback", aside, "--yes")
    assert code == 0, answer
    assert users(ejtui, "second") == ["guest", "late"]
    return str(aside)


def _accounts_that_are_new_are_kept(ejtui: Ejtui, node: LabNode, stamp: str) -> None:
    """A rollback that was ended after second had started, and an account made since.

    The list in the manifest has an account that the database never had: a word is wanted for that.
    """
    manifest = f"{root(ejtui)}/{stamp}/manifest.json"
    read = json.loads(ejtui.inside("second", "cat", manifest)) | {"stage": "restored"}
    read["accounts"].append(f"ghost@{DOMAIN}")
    line = json.dumps(read).encode() + b"\n"
    ejtui.lab.run("second", ["sh", "-c", f"cat > {manifest}"], stdin=line)
    node.register("newcomer")
    code, answer = ejtui.json("rollback", "--yes")
    assert (code, answer["changed"], answer["error"]["kind"]) == (1, False, "needs-consent")
    [why, _, others] = answer["error"]["question"]["takes"]
    assert f"{manifest} lists an account that" in why
    assert f"does not have: ghost@{DOMAIN}" in why
    assert f"`ejtui rollback {stamps(ejtui)[0]}`" in others
    code, answer = ejtui.json("rollback", "--yes", "--accept", "accounts-not-there")
    assert code == 0, answer
    assert f"second: new since the backup, and kept: newcomer@{DOMAIN}" in answer["evidence"]
    assert users(ejtui, "second") == ["guest", "late", "newcomer"]


def root(ejtui: Ejtui) -> str:
    return f"{ejtui.lab.form.home('second')}/ejtui-backups"


def _pruned(ejtui: Ejtui) -> None:
    """What was used goes, what was not and the last complete one stay; links are not followed."""
    precious = "/var/tmp/precious"
    ejtui.lab.run("second", ["sh", "-c", f"mkdir -p {precious}; touch {precious}/file"])
    ejtui.lab.run("second", ["ln", "-s", precious, f"{root(ejtui)}/20200101T000000Z"])
    before = stamps(ejtui)
    ran = ejtui("backups", "prune")
    assert ran.returncode == 1
    assert "this needs a yes" in ran.stderr
    assert stamps(ejtui) == before, "nothing was removed"
    assert "kB" in ran.stderr
    code, answer = ejtui.json("backups", "prune", "--yes")
    assert code == 0, answer
    assert answer["changed"] is True
    removed = [each["name"] for each in answer["removed"] if each["host"] == "second"]
    assert removed
    assert set(stamps(ejtui)) == set(before) - set(removed)
    left = listed(ejtui)
    assert any("rollback" in each["uses"] and each["complete"] for each in left.values())
    assert not any(each["used"] == "" for name, each in left.items() if name in removed)
    assert ejtui.inside("second", "ls", precious).split() == ["file"]
    code, answer = ejtui.json("backups", "prune", "--yes")
    assert (code, answer["changed"], answer["removed"]) == (0, False, [])
    _removed_by_name(ejtui, {each["name"]: each["why"] for each in answer["kept"]})


def _removed_by_name(ejtui: Ejtui, kept: dict[str, str]) -> None:
    """A copy of the cluster's goes where it is named; the last of second's own never does."""
    assert "a link, nothing that ejtui made" in kept["20200101T000000Z"]
    [last] = [name for name, why in kept.items() if why.startswith("the last complete")]
    ran = ejtui("backups", "prune", last, "--yes")
    assert (ran.returncode, "stays: the last complete backup" in ran.stderr) == (1, True)
    [copy, *_] = [name for name, why in kept.items() if "not a database of second's own" in why]
    assert ejtui("backups", "prune", copy).returncode == 1, "it asks"
    code, answer = ejtui.json("backups", "prune", copy, "--yes")
    assert (code, [each["name"] for each in answer["removed"]]) == (0, [copy])
    assert copy not in stamps(ejtui)
    assert last in stamps(ejtui)


def test_records_are_restored_from_firsts_online_backup(fresh_lab: Lab) -> None:
    ejtui, node = Ejtui(fresh_lab), first(fresh_lab)
    assert ejtui("join", "--yes", "--until", "cleandb").returncode == 0
    code, answer = ejtui.json("backups")
    [online] = [each["name"] for each in answer["backups"] if "restore-table" in each["uses"]]
    node.ask("mnesia:clear_table(roster)")
    ran = ejtui("backups", "restore-table", online)
    told = " ".join(ran.stderr.split())
    assert (ran.returncode, "roster: 100 of 100 records" in told) == (1, True), told
    code, answer = ejtui.json("backups", "restore-table", online, "--yes")
    assert (code, answer.get("tables"), answer["changed"]) == (0, ["roster"], True), answer
    assert node.ask("mnesia:table_info(roster, size)").strip() == "100"
    code, answer = ejtui.json("backups", "restore-table", online, "--yes")
    assert (code, answer["tables"]) == (0, [])


def _the_last_copy_is_read(ejtui: Ejtui, copy: str) -> None:
    """First is gone: what second had of the cluster comes into second's own database."""
    ran = ejtui("backups")
    assert f"{ejtui.named} bring-over NAME --without-first" in ran.stdout
    works = f"`{ejtui.named} bring-over {copy} --without-first`"
    ran = ejtui("rollback", copy, "--yes", "--without-first")
    assert ran.returncode == 1
    assert works in " ".join(ran.stderr.split())
    ran = ejtui("bring-over", copy, "--yes")
    assert ran.returncode == 3
    assert "--without-first" in ran.stderr
    assert users(ejtui, "second") == ["guest"]
    code, answer = ejtui.json("bring-over", copy, "--yes", "--without-first")
    assert code == 0, answer
    assert len(answer["brought"]) == 25
    assert len(users(ejtui, "second")) == 26


@pytest.mark.catalogue
def test_first_is_gone_and_comes_back(fresh_lab: Lab) -> None:
    """Second goes back to its own database alone; a first that is back learns to forget it."""
    ejtui = Ejtui(fresh_lab)
    assert ejtui("join", "--yes").returncode == 0
    ran = ejtui("rollback", "--yes", "--without-first")
    assert ran.returncode == 1
    assert "leave out --without-first" in ran.stderr
    ran = ejtui("--first", "second", "--second", "first", "rollback", "--yes")
    assert ran.returncode == 1, "the roles are swapped"
    assert f"`{ejtui.named} --first first --second second rollback`" in ran.stderr
    first(fresh_lab).kill()
    breakage.cut_off(fresh_lab, "first")
    try:
        ran = ejtui("rollback", "--yes")
        assert ran.returncode == 3
        assert f"`{ejtui.named} rollback --without-first`" in ran.stderr
        assert ejtui("bring-over", "--yes").returncode == 3
        code, answer = ejtui.json("rollback", "--yes", "--without-first")
        assert code == 0, answer
        _the_last_copy_is_read(ejtui, answer["set_aside"]["backup"])
    finally:
        breakage.reach_again(fresh_lab, "first")
    assert len(users(ejtui, "second")) == 26
    assert ejtui.ctl("second", "list_cluster") == ["ejabberd@second"]
    assert any("first will still list ejabberd@second" in line for line in answer["evidence"])

    first(fresh_lab).begin()
    code, answer = ejtui.json("check")
    assert code == 1, answer
    codes = [each["code"] for each in answer["findings"]]
    assert codes[0] == "stale-member", answer["findings"]
    ran = ejtui("repair", "stale-member", "--yes")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ejtui.ctl("first", "list_cluster") == ["ejabberd@first"]
    assert len(users(ejtui, "first")) == 25
    assert len(users(ejtui, "second")) == 26
