"""First is of a newer release and another Erlang: what second does not know, and patterns."""

from __future__ import annotations

from pathlib import Path

import pytest

from ejtui.cluster.administration.document import Scalar
from ejtui.cluster.diagnosis import own_file
from ejtui.lab.faults.node import first, second
from tests.lab.cli.driver import Ejtui
from tests.lab.cluster.engine import engine
from tests.lab.cluster.test_administration import FILE
from tests.lab.releases import roots
from tests.lab.releases.hosts import hosts
from tests.skipping import skip_for

pytestmark = pytest.mark.releases

_NEW = """
sed -i -e 's/^modules:/&\\n  mod_auth_fast: {}/' \\
    -e 's/^  mod_muc:$/&\\n    cleanup_affiliations_on_start: true/' "$1"
"""
_PATTERN = 'sed -i \'s/user_regexp: "[^"]*"/user_regexp: "{}"/\' "$1"'
_HAS = "ejabberd_option:acl() =/= []"


@pytest.mark.catalogue
def test_what_seconds_release_does_not_know_is_named_before_it_is_written(tmp_path: Path) -> None:
    skip_for(roots.why_not())
    with hosts(tmp_path, "sid", "bullseye") as lab:
        one, other, ejtui = first(lab), second(lab), Ejtui(lab)
        one.script(_NEW, FILE)
        for node in (one, other):
            node.script(_PATTERN.format("^boss$"), FILE)
            node.ctl("reload_config")
            node.until(_HAS)
        one.until('gen_mod:is_loaded(<<"chat.example">>, mod_auth_fast)')
        before = other.run("cat", FILE)

        _, answer = ejtui.json("config")
        found = {each["option"]: each for each in answer["differences"]}
        assert "mod_auth_fast" in found
        assert "acl" not in found, "the same pattern, compiled by two releases of Erlang"
        for option, name in (
            ("mod_auth_fast", "mod_auth_fast"),
            ("mod_muc.cleanup_affiliations_on_start", "mod_muc.cleanup_affiliations_on_start"),
        ):
            status, answer = ejtui.json("config", "--take", option)
            assert status == 1
            assert f"on second does not know {name} (first has" in answer["error"]["message"]
            assert "question" not in answer["error"]
        _, answer = ejtui.json("config", "--all", "--yes")
        assert any("does not know mod_auth_fast" in each for each in answer["left"]), answer
        assert "mod_auth_fast" not in other.run("cat", FILE)

        # A pattern that is not loaded yet, and one that is.
        other.run("tee", FILE, stdin=before.encode())
        other.ctl("reload_config")
        one.script(_PATTERN.format("^other$"), FILE)
        _, answer = ejtui.json("config")
        one.ctl("reload_config")
        _, answer = ejtui.json("config")
        [acl] = [each for each in answer["differences"] if each["option"] == "acl"]
        assert "^other$" in acl["first"]
        assert "^boss$" in acl["second"]


_WORDS = """
define_macro:
  PLACE: "south"
  QUOTED: "db_@PLACE@"
sql_database: "of_@PLACE@"
sql_username: of_@PLACE@
ldap_base: QUOTED
"""


@pytest.mark.catalogue
async def test_a_running_ejabberd_and_ejtui_read_macros_in_texts_alike(tmp_path: Path) -> None:
    """The newer release puts them there, and the older one does not."""
    skip_for(roots.why_not())
    with hosts(tmp_path, "sid", "bullseye") as lab:
        for node in (first(lab), second(lab)):
            node.run("tee", "-a", FILE, stdin=_WORDS.encode())
            node.ctl("reload_config")
            node.until("ejabberd_option:ldap_base() =/= <<>>")
        async with engine(lab) as one:
            await one.pair.refresh()
            for node, read, expands in (
                (first(lab), one.pair.first, True), (second(lab), one.pair.second, False),
            ):  # fmt: skip
                assert (await own_file.about(read)).expands is expands
                written = await own_file.read(read)
                for option in ("sql_database", "sql_username", "ldap_base"):
                    loaded = node.ask(f"ejabberd_option:{option}()")
                    value = written.value((option,))
                    assert isinstance(value, Scalar)
                    assert loaded == f'<<"{value.text}">>', (option, expands)
                database = written.value(("sql_database",))
                assert database == Scalar("of_south" if expands else "of_@PLACE@")
