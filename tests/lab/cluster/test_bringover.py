"""Accounts of second's backup brought into the cluster: they log in there, with what was theirs."""

from __future__ import annotations

import json

import pytest

from ejtui import paths
from ejtui.cluster.backups import folders, listing
from ejtui.cluster.bring_over import run as bringover
from ejtui.cluster.bring_over import source as bringover_source
from ejtui.cluster.bring_over.result import BroughtOver
from ejtui.cluster.errors import Refused, StepFailed
from ejtui.lab.faults.node import LabNode
from ejtui.lab.lab import Lab
from tests.lab.cli.driver import Ejtui
from tests.lab.cluster.engine import Engine, ctl, damaged, engine, joined, state_of, sums
from tests.lab.cluster.places import GROUP, NODE, ROOM, do, make_group, make_room, publish

DOMAIN = "chat.example"
GUEST = f"guest@{DOMAIN}"
BOTH = ("first", "second")
ITEMS = 'mod_pubsub:get_items({}, <<"{}">>)'
"""What stands on a pubsub node, asked inside the host's ejabberd."""


def logs_in(lab: Lab, host: str, user: str, password: str) -> bool:
    """Whether the host's ejabberd takes this password."""
    words = [lab.form.ejabberdctl(host), "check_password", user, DOMAIN, password]
    return lab.run(host, words, check=False).returncode == 0


def password(lab: Lab) -> str:
    """Every account's that the lab seeds."""
    return (lab.place.root / "password").read_text().strip()


def furnish(lab: Lab) -> None:
    """What guest has on second, some of it so late that it stands in Mnesia's log alone; and
    plain, whose password is kept as it is."""
    do(lab, "second", "add_rosteritem", "guest", DOMAIN, "amelie", DOMAIN, "Amelie", "A", "both")
    do(lab, "second", "private_set", "guest", DOMAIN, "<n xmlns='some:notes'>kept</n>")
    for subject in ("one", "two"):
        do(lab, "second", "send_message", "chat", f"ben@{DOMAIN}", GUEST, subject, "for you")
    register_plain(lab, "plain", "kept in plain text")
    do(lab, "second", "register", "ben", DOMAIN, "second's own ben")
    do(lab, "second", "set_vcard", "guest", DOMAIN, "NICKNAME", "Gusto")


def register_plain(lab: Lab, user: str, secret: str) -> None:
    """An account of second's whose password is kept as it is."""
    config = "/etc/ejabberd/ejabberd.yml"
    swap = "s/auth_password_format: {}/auth_password_format: {}/"
    for old, new in (("scram", "plain"), ("plain", "scram")):
        lab.run("second", ["sed", "-i", swap.format(old, new), config])
        do(lab, "second", "reload_config")
        if new == "plain":
            do(lab, "second", "register", user, DOMAIN, secret)


def journal(one: Engine) -> str:
    return paths.journal_file(one.pair.name).read_text()


async def brought(one: Engine, wanted: str | None = None) -> BroughtOver:
    """Brings over from the named backup, or the newest."""
    known = await bringover_source.sources(one.pair)
    source = known[0] if wanted is None else await bringover_source.find(one.pair, wanted)
    return await bringover.bring_over(one.pair, source, one.asks, one.took, lock=one.runner.lock)


@pytest.mark.catalogue
async def test_accounts_of_the_backup_log_in_with_all_that_was_theirs(fresh_lab: Lab) -> None:
    """And a damaged backup is not read."""
    lab = fresh_lab
    furnish(lab)
    await joined(lab)
    for host in BOTH:  # so that both remember that there is no such account
        assert not logs_in(lab, host, "guest", password(lab))
        assert not logs_in(lab, host, "plain", "kept in plain text")
    async with engine(lab) as one:
        [manifest] = await listing.load(one.pair)
        with damaged(lab, "second", f"{manifest.database}/passwd.DAT"):
            one.yes = False
            with pytest.raises(Refused, match="of which files are not as listed"):
                await brought(one)
            assert "passwd.DAT" in str(one.questions[-1].takes)
            one.yes = True
        assert len(ctl(lab, "first", "registered_users", DOMAIN)) == 25
        one.questions.clear()
        before = sums(lab, "second", manifest.database)
        done = await brought(one)
        assert [each.name for each in done.brought] == [GUEST, f"plain@{DOMAIN}"]
        guest, plain = done.brought
        assert (guest.passwords, plain.passwords) == (("SCRAM-SHA-1",), ("plain",))
        assert {"roster": 1, "vcard": 1, "offline_msg": 2, "private_storage": 1}.items() <= (
            guest.holds.items()
        )
        assert [each.name for each in done.offer.conflicts] == [f"ben@{DOMAIN}"]
        assert done.offer.doubts == ()
        [question] = one.questions
        assert any(f"ben@{DOMAIN}: conflict" in line for line in question.takes)
        assert sums(lab, "second", manifest.database) == before
    for host in BOTH:
        assert logs_in(lab, host, "guest", password(lab))
        assert logs_in(lab, host, "plain", "kept in plain text")
        assert logs_in(lab, host, "ben", password(lab)), "the cluster's own was overwritten"
        assert not logs_in(lab, host, "ben", "second's own ben")
        assert ctl(lab, host, "get_vcard", "guest", DOMAIN, "NICKNAME") == ["Gusto"]
        assert f"amelie@{DOMAIN}" in ctl(lab, host, "get_roster", "guest", DOMAIN)
        assert ctl(lab, host, "get_offline_count", "guest", DOMAIN) == ["2"]
        assert "kept" in "".join(ctl(lab, host, "private_get", "guest", DOMAIN, "n", "some:notes"))
        assert ctl(lab, host, "stats", "registeredusers") == ["27"]
    assert "kept in plain text" not in journal(one)

    states = [state_of(lab, host) for host in BOTH]
    async with engine(lab) as one:
        again = await brought(one)
        assert not again.brought
        assert not one.questions
        assert len(again.offer.of("same")) == 2
    assert [state_of(lab, host) for host in BOTH] == states


async def test_rooms_groups_and_what_accounts_lack_come_too(fresh_lab: Lab) -> None:
    lab = fresh_lab
    secret, zoe = password(lab), f"zoe@{DOMAIN}"
    # chidi of both has one password, which second keeps as it is; whether ben of both is one
    # person is unknown.
    register_plain(lab, "chidi", secret)
    do(lab, "second", "register", "ben", DOMAIN, secret)
    for user in ("chidi", "ben"):
        do(lab, "second", "add_rosteritem", user, DOMAIN, "zoe", DOMAIN, "Zoe", "A", "both")
        do(lab, "second", "send_message", "chat", GUEST, f"{user}@{DOMAIN}", "one", "kept")
    make_room(lab, "second", "tea", "guest")
    make_room(lab, "first", "hall", "ben")
    make_room(lab, "second", "hall", "guest")
    make_group(lab, "second", "team", "guest", "chidi")
    publish(lab, "second", "guest", "news", "hello")
    publish(lab, "second", "guest", "some:bookmarks", "kept", to=GUEST)
    publish(lab, "second", "ben", "notes", "ben's", to=f"ben@{DOMAIN}")
    publish(lab, "first", "ben", "elsewhere", "the cluster's own")
    waiting = int(ctl(lab, "first", "get_offline_count", "chidi", DOMAIN)[0])
    await joined(lab)
    async with engine(lab) as one:
        done = await brought(one)
        assert [each.name for each in done.brought] == [GUEST]
        [chidi] = done.completed
        assert (chidi.name, chidi.state) == (f"chidi@{DOMAIN}", "same")
        assert {"roster": 1, "offline_msg": 1}.items() <= chidi.lacks.items()
        [ben] = done.offer.conflicts
        assert (ben.state, ben.lacks) == ("unclear", {"roster": 1, "offline_msg": 1})
        bookmarks = f"some:bookmarks@{GUEST}"
        assert [place.called for place in done.places] == [ROOM, GROUP, NODE, bookmarks]
        left = "\n".join(place.line for place in done.offer.left_places)
        assert f"room hall@conference.{DOMAIN}: conflict" in left
        assert f"personal pubsub node notes@ben@{DOMAIN}: not brought over, as its" in left
        [question] = one.questions
        takes = "\n".join(question.takes)
        for each in (f"chidi@{DOMAIN}, in the cluster", f"room {ROOM}", f"{GROUP} with 2", left):
            assert all(line in takes for line in each.splitlines())
    for host in BOTH:
        rooms = ctl(lab, host, "get_room_affiliations", "tea", f"conference.{DOMAIN}")
        assert {"guest", "owner"} <= set(rooms)
        halls = ctl(lab, host, "get_room_affiliations", "hall", f"conference.{DOMAIN}")
        assert "ben" in halls, "the cluster's own room was overwritten"
        members = ctl(lab, host, "srg_get_members", "team", DOMAIN)
        assert members == [f"chidi@{DOMAIN}", GUEST]
        assert zoe in ctl(lab, host, "get_roster", "chidi", DOMAIN)
        assert zoe not in ctl(lab, host, "get_roster", "ben", DOMAIN)
        assert ctl(lab, host, "get_offline_count", "chidi", DOMAIN) == [str(waiting + 1)]
        assert logs_in(lab, host, "chidi", secret)
        node = LabNode(lab, host)
        assert "hello" in node.ask(ITEMS.format(f'<<"pubsub.{DOMAIN}">>', "news"))
        guest = f'{{<<"guest">>, <<"{DOMAIN}">>, <<>>}}'
        assert "kept" in node.ask(ITEMS.format(guest, "some:bookmarks"))
        own = node.ask(ITEMS.format(f'<<"pubsub.{DOMAIN}">>', "elsewhere"))
        assert "the cluster's own" in own

    # What was read or removed since is not brought again.
    do(lab, "first", "delete_rosteritem", "chidi", DOMAIN, "zoe", DOMAIN)
    do(lab, "first", "change_room_option", "tea", f"conference.{DOMAIN}", "title", "Tea")
    async with engine(lab) as one:
        again = await brought(one)
        assert (again.brought, again.completed, again.places) == ((), (), ())
        assert not one.questions
    assert zoe not in ctl(lab, "second", "get_roster", "chidi", DOMAIN)


@pytest.mark.catalogue
async def test_a_no_changes_nothing(fresh_lab: Lab) -> None:
    await joined(fresh_lab)
    async with engine(fresh_lab) as one:
        one.yes = False
        with pytest.raises(Refused):
            await brought(one)
        assert not one.runner.lock.held
    assert len(ctl(fresh_lab, "first", "registered_users", DOMAIN)) == 25


@pytest.mark.catalogue
async def test_through_first_while_second_is_down(fresh_lab: Lab) -> None:
    await joined(fresh_lab)
    do(fresh_lab, "second", "stop")
    do(fresh_lab, "second", "stopped")
    async with engine(fresh_lab) as one:
        done = await brought(one)
        assert done.offer.through == "ejabberd@first"
    assert logs_in(fresh_lab, "first", "guest", password(fresh_lab))
    do(fresh_lab, "second", "start")
    do(fresh_lab, "second", "started")
    assert logs_in(fresh_lab, "second", "guest", password(fresh_lab))


async def test_from_an_online_backup(fresh_lab: Lab) -> None:
    online = f"{fresh_lab.form.home('second')}/ejtui-backups/20200101T000000Z-partitioned"
    async with engine(fresh_lab) as one:
        await one.pair.refresh()
        await folders.make(one.pair.second, online)
        await one.pair.second.probe.ask("backup_node", f"{online}/second.BUP")
        assert await one.runner.run_on(), one.last
        assert len(await bringover_source.sources(one.pair)) == 2
        one.questions.clear()
        done = await brought(one, online.rpartition("/")[2])
        assert [each.name for each in done.brought] == [GUEST]
    for host in BOTH:
        assert logs_in(fresh_lab, host, "guest", password(fresh_lab))


@pytest.mark.catalogue
async def test_not_once_second_stands_by_itself_again(fresh_lab: Lab) -> None:
    await joined(fresh_lab)
    async with engine(fresh_lab) as one:
        await one.roll_back()
        with pytest.raises(StepFailed, match="not with ejabberd in first's cluster"):
            await brought(one)


@pytest.mark.catalogue
def test_on_the_command_line(fresh_lab: Lab) -> None:
    ejtui = Ejtui(fresh_lab)
    ran = ejtui("bring-over")
    assert (ran.returncode, "no backup of second" in ran.stderr) == (1, True)
    assert ejtui("join", "--yes").returncode == 0
    ran = ejtui("bring-over")
    assert ran.returncode == 1
    assert f"{GUEST}: in the backup alone" in ran.stdout
    assert "this needs a yes" in ran.stderr
    code, said = ejtui.json("bring-over", "--yes")
    assert (code, said["brought"]) == (0, [GUEST])
    assert password(fresh_lab) not in json.dumps(said)
    assert logs_in(fresh_lab, "second", "guest", password(fresh_lab))
    ran = ejtui("bring-over", "nowhere")
    assert (ran.returncode, "there is no backup nowhere" in ran.stderr) == (1, True)
