"""First's cookie file changes while its ejabberd runs: first takes it, and second loses nothing."""

from __future__ import annotations

from ejtui.lab import breakage
from ejtui.lab.lab import Lab
from tests.lab.cli.driver import Ejtui


def test_first_takes_the_cookie_of_its_file_beside_a_second_that_is_not_joined(
    fresh_lab: Lab,
) -> None:
    ejtui = Ejtui(fresh_lab)
    breakage.write_cookie(fresh_lab, "first")
    status, answer = ejtui.json("check")
    found = [(each["code"], each["node"]) for each in answer["findings"]]
    assert (status, found) == (1, [("cookie-mismatch", "first")]), answer["findings"]
    status, answer = ejtui.json("repair", "cookie-mismatch", "--yes")
    assert (status, answer["findings"]) == (0, []), answer
    accounts = answer["first"]["accounts"], answer["second"]["accounts"]
    assert accounts == (25, 1), answer
