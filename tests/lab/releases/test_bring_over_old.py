"""Accounts of a database from before 25.03, whose password rows have other keys, brought over."""

from __future__ import annotations

from pathlib import Path

import pytest

from ejtui.cluster.bring_over import run as bringover
from ejtui.cluster.bring_over import source as bringover_source
from ejtui.lab.faults.node import first, second
from ejtui.lab.people import DOMAIN, GUEST
from tests.lab.cluster.engine import ctl, engine
from tests.lab.releases import roots
from tests.lab.releases.hosts import hosts
from tests.skipping import skip_for

pytestmark = pytest.mark.releases

_OLD_ROWS = (
    "mnesia:transaction(fun() ->"
    " [begin [{passwd, {U, S, T}, P}] = mnesia:read(passwd, {U, S, T}),"
    " mnesia:delete({passwd, {U, S, T}}), mnesia:write({passwd, {U, S}, P}) end"
    " || {U, S, T} <- mnesia:all_keys(passwd)] end)"
)
"""Makes the rows of passwd what an older release has written."""


@pytest.mark.catalogue
async def test_a_row_of_the_old_form_gets_the_new_one(tmp_path: Path) -> None:
    skip_for(roots.why_not())
    with hosts(tmp_path, "sid", "sid") as lab:
        second(lab).ask(_OLD_ROWS)
        async with engine(lab) as one:
            assert await one.runner.run_on(), one.last
        async with engine(lab) as one:
            [source, *_] = await bringover_source.sources(one.pair)
            done = await bringover.bring_over(
                one.pair, source, one.asks, one.took, lock=one.runner.lock
            )
            assert [each.name for each in done.brought] == [f"{GUEST}@{DOMAIN}"]
        assert GUEST in ctl(lab, "first", "registered_users", DOMAIN)
        sizes = first(lab).ask("lists:usort([tuple_size(K) || K <- mnesia:dirty_all_keys(passwd)])")
        assert sizes.strip() == "[3]"
        secret = (lab.place.root / "password").read_text().strip()
        taken = [lab.form.ejabberdctl("first"), "check_password", GUEST, DOMAIN, secret]
        assert lab.run("first", taken, check=False).returncode == 0
