"""Second restored, and first's records, by the commands of the help page alone."""

from __future__ import annotations

import re

import pytest

from ejtui.cluster.backups import listing
from ejtui.help import page
from ejtui.lab.faults.node import first, second
from ejtui.lab.lab import Lab
from tests.lab.cluster.engine import ctl, damaged, engine, joined, sums

_USERS = ("registered_users", "chat.example")


@pytest.mark.catalogue
async def test_the_commands_of_the_page_bring_everything_back(fresh_lab: Lab) -> None:
    """Each block as it stands, with this backup's place; a file that changed is named."""
    lab = fresh_lab
    await joined(lab)
    async with engine(lab) as one:
        [manifest] = await listing.load(one.pair)
    values, check, aside, back, restore = re.findall(r"```sh\n(.*?)```", page("by-hand"), re.S)
    [forget] = re.findall(r"```erlang\n(.*)\.\n```", page("by-hand"))
    values = values.replace("DATE", manifest.stamp)
    here = second(lab)
    here.stop()
    with damaged(lab, "second", f"{manifest.database}/schema.DAT"):
        failed = f"{values}{check}".rstrip() + " || true\n"
        assert "schema.DAT: FAILED" in here.script(failed)
    assert here.script(values + check) == ""
    here.script(values + aside + back)
    first(lab).ask(f"{{atomic, ok}} = {forget}")
    here.start()
    assert ctl(lab, "second", *_USERS) == ["guest"]
    for host in ("first", "second"):
        assert ctl(lab, host, "list_cluster") == [f"ejabberd@{host}"]
    assert "schema.DAT" in sums(lab, "second", f"{manifest.place}/set-aside")

    ctl(lab, "first", "unregister", "dorota", "chat.example")
    assert len(ctl(lab, "first", *_USERS)) == 24
    first(lab).script(restore.replace("DATE", manifest.stamp))
    assert "dorota" in ctl(lab, "first", *_USERS)
    assert len(ctl(lab, "first", *_USERS)) == 25
