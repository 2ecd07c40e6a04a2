"""The comparison of what two ejabberds have loaded."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ejtui.cluster.administration import meanings
from ejtui.cluster.administration.agreement import agreements
from ejtui.cluster.administration.carry import carry, options_of
from ejtui.cluster.administration.compare import compare
from ejtui.cluster.administration.document import BadFile, Document, Scalar
from ejtui.cluster.administration.edits import Edit, edited
from ejtui.cluster.administration.written import Written
from ejtui.cluster.diagnosis import own_file
from ejtui.cluster.diagnosis.diagnose import findings, stopping
from ejtui.cluster.diagnosis.next_settings import next_settings
from ejtui.cluster.diagnosis.rules.installation.administration import FINDINGS
from ejtui.cluster.errors import StepFailed
from ejtui.cluster.facts.examination import Examined, NodeExam
from ejtui.cluster.facts.settings import (
    NODE,
    Administration,
    NodeSettings,
    Options,
    Setting,
)
from ejtui.cluster.pair.storage_choices import Choices
from ejtui.erlang.probe import questions
from ejtui.erlang.probe.sealing import sealed
from tests.samples import PLATFORM

HOST = "chat.example"


def setting(text: str, *, shown: bool = True) -> Setting:
    return Setting(f"digest of {text}", text if shown else "")


def add_hosts(text: str, hosts: list[str]) -> str:
    items = tuple(Scalar(host, '"') for host in hosts)
    return edited("ejabberd.yml", text, [Edit(("hosts",), items=items)])


def loaded(
    hosts: tuple[str, ...] = (HOST,),
    modules: dict[str, Options] | None = None,
    **options: Setting,
) -> NodeSettings:
    return NodeSettings(
        asked=True,
        hosts=hosts,
        ticktime=60,
        options={host: options for host in (NODE, *hosts)},
        modules={host: modules or {} for host in hosts},
        certified=frozenset(hosts),
    )


def examined(first: NodeSettings, second: NodeSettings) -> Examined:
    return Examined(NodeExam(asked=True, settings=first), NodeExam(asked=True, settings=second))


def test_what_else_differs_for_a_host_that_second_does_not_serve_is_named_as_to_come() -> None:
    [found] = [each for each in compare(loaded(), loaded(("other.example",))) if each.host == HOST]
    assert f"what else differs for {HOST} is compared once second serves it" in found.meaning.text


@pytest.mark.parametrize(("effect", "differs"), [("one", False), ("two", True), ("", True)])
def test_an_option_of_the_same_effect_is_no_difference(effect: str, differs: bool) -> None:
    def of_node(shown: str, effect: str) -> NodeSettings:
        digest = shown.replace(" ", "")
        value = ("access", digest, shown)
        option = (HOST, "oauth_access", digest, shown)
        names = ("oauth_access", "mod_announce.access")
        return NodeSettings.from_probe(
            {
                "hosts": [HOST], "ticktime": 60, "certified": [], "unreadable": [],
                "options": [option], "modules": [(HOST, "mod_announce", [value])],
                "effects": [(HOST, name, effect) for name in names if effect],
            }
        )  # fmt: skip

    found = compare(of_node("announce", "one"), of_node("allow: admin", effect))
    expected = ["oauth_access", "mod_announce.access"] if differs else []
    assert [each.option for each in found] == expected


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (loaded(), loaded()),
        (loaded(), NodeSettings()),
        (loaded(), loaded(hosts=(HOST, "own.example"))),
        (loaded(), loaded(new_option=setting("of another release"))),
        (
            loaded(modules={"mod_http_upload": {"docroot": setting("/srv/first")}}),
            loaded(modules={"mod_http_upload": {"docroot": setting("/srv/second")}}),
        ),
    ],
    ids=["equal", "not asked", "a host more", "not on both releases", "of a host"],
)
def test_what_is_no_difference(first: NodeSettings, second: NodeSettings) -> None:
    assert compare(first, second) == ()


@pytest.mark.parametrize(
    ("first", "second", "code", "stops"),
    [
        (loaded(), loaded(hosts=("other.example",)), meanings.HOSTS, True),
        (loaded(hosts=(HOST, "localhost")), loaded(), meanings.HOSTS, False),
        (loaded(auth_method=setting("mnesia")), loaded(auth_method=setting("sql")), meanings.AUTH,
         True),
        (loaded(auth_method=setting("mnesia, sql")), loaded(auth_method=setting("sql, mnesia")),
         meanings.AUTH, False),
        (loaded(auth_method=setting("mnesia, sql")), loaded(auth_method=setting("sql, ldap")),
         meanings.AUTH, True),
        (loaded(ldap_base=setting("a")), loaded(ldap_base=setting("b")), meanings.AUTH, False),
        (loaded(default_db=setting("mnesia")), loaded(default_db=setting("sql")),
         meanings.DATABASE, True),
        (loaded(acl=setting("a", shown=False)), loaded(acl=setting("b", shown=False)),
         meanings.ACCESS, False),
        (loaded(modules={"mod_mam": {}}), loaded(), meanings.MODULES, False),
        (loaded(), loaded(modules={"mod_mam": {}}), meanings.MODULES, False),
        (loaded(modules={"mod_mam": {"default": setting("always")}}),
         loaded(modules={"mod_mam": {"default": setting("never")}}), meanings.MODULES, False),
        (loaded(modules={"mod_muc": {"db_type": setting("mnesia")}}),
         loaded(modules={"mod_muc": {"db_type": setting("sql")}}), meanings.DATABASE, True),
        (loaded(), replace(loaded(), ticktime=30), meanings.TICKTIME, True),
        (replace(loaded(), kernel={"net_tickintensity": "4"}),
         replace(loaded(), kernel={"net_tickintensity": "8", "global_groups": "none"}),
         meanings.TICKTIME, False),
        (loaded(), replace(loaded(), certified=frozenset()), meanings.CERTIFICATES, False),
        (loaded(), replace(loaded(), unreadable=(("/etc/x.pem", "no such file"),)),
         meanings.CERTIFICATES, False),
    ],
)  # fmt: skip
def test_each_difference_is_named_and_an_error_stops_a_join(
    first: NodeSettings, second: NodeSettings, code: str, stops: bool, story: Any
) -> None:
    facts = story.strangers()
    [found] = [each for each in findings(facts, examined(first, second)) if each.code == code]
    assert found.node == "second"
    assert found.evidence
    assert found.consequences
    assert bool(stopping([found])) == stops


@pytest.mark.parametrize(
    ("first", "second", "meant"),
    [
        ("mnesia", "anonymous, mnesia", meanings.METHODS_MORE),
        ("mnesia, sql", "sql", meanings.OPTIONS[meanings.AUTH_METHOD]),
        ("mnesia", "anonymous", meanings.OPTIONS[meanings.AUTH_METHOD]),
    ],
)
def test_where_second_has_all_methods_of_firsts_nobody_is_locked_out(
    first: str, second: str, meant: meanings.Meaning
) -> None:
    here, there = (loaded(auth_method=setting(each)) for each in (first, second))
    found = {each.host: each.meaning for each in compare(here, there)}
    assert found[HOST] == meant
    assert meant.serious


def test_a_file_that_ejabberd_refuses_is_a_finding_with_its_words_and_no_repair(story: Any) -> None:
    file = NodeSettings(in_file=True, refused=True, why="line 7: mod_push is missing")
    for second in (replace(loaded(), unloaded=file), file):
        [found] = findings(story.strangers(), examined(loaded(), second))
        assert (found.code, found.title) == (
            "config-refused",
            "ejabberd refuses second's ejabberd.yml",
        )
        assert "line 7: mod_push is missing" in found.evidence[0]
        assert "ejabberdctl reload_config" in found.repair
        assert [each.instead for each in FINDINGS if each.code == found.code and each.instead]
        assert options_of(compare(loaded(), second)) == []
    empty = Written(Document("ejabberd.yml", ""), {})
    with pytest.raises(StepFailed, match="is not taken as a whole"):
        carry(empty, empty, ["ejabberd.yml"])


@pytest.mark.parametrize("text", ["sql_password: sesame\nmodules: {}\n", "sql_password: [sesame"])
async def test_ejabberds_own_words_are_shown_without_secrets(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def said(word: str, public: str) -> Any:
        return sealed(word.encode(), public)

    async def constant(word: Any) -> Any:
        return word

    answers = {
        "file_settings": lambda *_: constant("refused"),
        "unread_environment": lambda *_: constant((("/etc/own", "eacces"),)),
        "loaded_file": lambda *_: constant(None),
        "sealed_file": lambda *args: said(text, args[-1]),
        "check_file": lambda *args: said("\nrefused Invalid value: sesame\nat line 2", args[-1]),
    }
    for name, answer in answers.items():
        monkeypatch.setattr(questions, name, answer)
    node: Any = SimpleNamespace(
        probe=None,
        platform=PLATFORM,
        name="second",
        facts=SimpleNamespace(ejabberd_version="24.12"),
    )
    seen = await next_settings(node)
    assert seen.refused
    assert "sesame" not in seen.why
    assert ("Invalid value: " in seen.why) == ("[" not in text)
    assert ("without the variables of /etc/own, " in seen.why) == ("[" not in text)
    assert seen.why


@pytest.mark.parametrize("code", ["utf-16", "utf-16-be", "utf-32"])
async def test_a_file_of_another_encoding_is_refused_by_its_name(
    code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def none(*_: Any) -> None:
        return None

    async def file(*args: Any) -> Any:
        return sealed("hosts: [a]\n".encode(code), args[-1])

    monkeypatch.setattr(questions, "loaded_file", none)
    monkeypatch.setattr(questions, "sealed_file", file)
    facts = SimpleNamespace(ejabberd_version="24.12")
    node: Any = SimpleNamespace(probe=None, platform=PLATFORM, name="second", facts=facts)
    with pytest.raises(BadFile, match="it is in UTF-16 or UTF-32, and ejtui reads UTF-8; save it"):
        await own_file.read(node)


def test_a_value_that_may_be_secret_is_not_shown() -> None:
    secret = loaded(sql_password=setting("sesame", shown=False))
    found, _ = compare(secret, loaded(sql_password=setting("other", shown=False)))
    assert "sesame" not in str(found.to_json()) + found.line
    assert "digest" not in str(found.to_json()) + found.line


def test_settings_in_a_modules_option_are_named_where_they_differ() -> None:
    def muc(**parts: Setting) -> NodeSettings:
        return loaded(modules={"mod_muc": {"default_room_options": Setting(str(parts), "", parts)}})

    same, secret = setting("true"), setting("sesame", shown=False)
    first = muc(mam=setting("true"), logging=same, title=secret, gone=secret)
    second = muc(mam=setting("false"), logging=same, title=setting("b", shown=False), new=same)
    [found] = compare(first, second)
    assert found.option == "mod_muc.default_room_options"
    assert found.first == (
        "mam: true; title: a value that is not shown; gone: a value that is not shown; new: not set"
    )
    assert found.second == "mam: false; title: another; gone: not set; new: true"
    [found] = compare(muc(**{f"x{n}": same for n in range(9)}), muc(x8=secret))
    assert found.first.startswith("x8: a value that is not shown; x0: true; x1: true; ")
    assert found.second.endswith("x4: not set; and 3 more")
    plugins = [
        loaded(modules={"mod_pubsub": {"plugins": setting(text)}}) for text in ("flat\npep", "flat")
    ]
    [found] = compare(*plugins)
    assert (found.first, found.second) == ("pep", "pep: not there")


@pytest.mark.parametrize("answer", [{}, {"options": 1}, {"options": [["a"]], "modules": []}])
def test_an_answer_of_another_shape_is_refused(answer: dict[str, Any]) -> None:
    with pytest.raises((LookupError, TypeError, ValueError)):
        NodeSettings.from_probe(answer)
    assert NodeSettings.from_probe(None) == NodeSettings()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("# a\nhosts:\n  - localhost # own\n\n# b\nloglevel: info\n",
         "# a\nhosts:\n  - localhost # own\n  - \"x.example\"\n\n# b\nloglevel: info\n"),
        ("hosts:\n- a\n# two\n- b\nacl: {}\n",
         "hosts:\n- a\n# two\n- b\n- \"x.example\"\nacl: {}\n"),
        ("hosts:\n  - a", "hosts:\n  - a\n  - \"x.example\"\n"),
        ("hosts: [a, 'b'] # two\n", "hosts: [a, 'b', \"x.example\"] # two\n"),
        ('"hosts":\n\n  - a\n', '"hosts":\n\n  - a\n  - "x.example"\n'),
    ],
)  # fmt: skip
def test_hosts_are_added_and_no_other_line_changes(before: str, after: str) -> None:
    assert add_hosts(before, ["x.example"]) == after


@pytest.mark.parametrize(
    "text", ["hosts:\n  - a\nhosts:\n  - b\n", "hosts: *a?ll\n", "hosts: [a\n", "{hosts: 1}\n"]
)
def test_what_is_no_plain_list_of_hosts_is_left_alone(text: str) -> None:
    with pytest.raises(BadFile, match=r"ejabberd\.yml"):
        add_hosts(text, ["x.example"])


def test_a_host_is_always_one_quoted_word() -> None:
    text = add_hosts("hosts:\n  - a\n", ['x"\nacl: {}'])
    assert text == 'hosts:\n  - a\n  - "x\\"\\nacl: {}"\n'


def test_two_releases_have_their_own_defaults_of_modules() -> None:
    first = loaded(modules={"mod_pubsub": {"max_items_node": setting("10"),
                                           "db_type": setting("mnesia")}})  # fmt: skip
    second = loaded(modules={"mod_pubsub": {"max_items_node": setting("1000"),
                                            "db_type": setting("sql")}})  # fmt: skip
    assert len(compare(first, second)) == 2
    [found] = compare(first, second, one_release=False)
    assert found.option == "mod_pubsub.db_type"


def test_a_decision_is_kept_for_the_database_and_asked_about_once(tmp_path: Path) -> None:
    file = tmp_path / "choices"
    choices = Choices.load(file)
    choices.are_for("one")
    lines = ("acl: a on first, b on second", "mod_mam: runs on first")
    seen = Administration(0, lines, ("a", "mam"))
    choices.decide(["a"])
    again = Choices.load(file)
    again.are_for("one")
    assert seen.undecided(again.decided) == seen.lines[1:]
    again.are_for("two")
    assert seen.undecided(again.decided) == seen.lines
    file.write_text('{"database": "one", "types": {}}')
    assert not Choices.load(file).decided


def test_a_decision_is_about_the_whole_values_and_not_about_what_is_shown() -> None:
    def marks(*values: Setting) -> set[str]:
        return {
            each.mark for value in values for each in compare(loaded(acl=other), loaded(acl=value))
        }

    other = setting("a: y")
    long = "a: " + "x" * 400
    assert len(marks(setting(long), setting(f"{long}, and boss"))) == 4
    assert len(marks(setting("one", shown=False), setting("two", shown=False))) == 4
    assert len(marks(setting(long), setting(long))) == 2


def test_patterns_that_two_hold_in_different_ways_are_never_the_same() -> None:
    def pattern(digest: str, engine: str, shape: str = "shape") -> NodeSettings:
        return loaded(acl=Setting(digest, "admin: user_regexp: a pattern", {}, shape, engine))

    assert compare(pattern("a", "25-8"), pattern("a", "27-8")) == ()
    for there, text in (
        (pattern("b", "25-8"), "another"),
        (pattern("b", "27-8", "another shape"), "another"),
        (pattern("b", "27-8"), "one that cannot be compared with it"),
        (pattern("a", "none"), "one that cannot be compared with it"),
        (loaded(acl=setting("admin: user_regexp: x")), "one that cannot be compared with it"),
    ):
        here = pattern("a", "none" if "none" in str(there) else "25-8")
        found = compare(here, there)[0]
        assert (found.option, found.meaning.code) == ("acl", meanings.ACCESS)
        assert found.second.startswith(text), found
        assert not [each for each in agreements(here, there) if each.option == "acl"]
    probed = Setting.from_probe("whole rest 25-8", "a pattern")
    assert (probed.digest, probed.shape, probed.engine) == ("whole", "rest", "25-8")


def test_what_seconds_file_has_and_it_has_not_loaded_counts() -> None:
    first = loaded(auth_method=setting("mnesia"), default_db=setting("mnesia"))
    file = replace(
        loaded(auth_method=setting("ldap"), default_db=setting("mnesia")),
        certified=frozenset(), in_file=True,
    )  # fmt: skip
    assert compare(first, replace(first, unloaded=replace(first, in_file=True))) == ()
    found = compare(first, replace(first, unloaded=file))
    assert {(each.option, each.second) for each in found} == {
        ("auth_method", "ldap (in its file, not loaded yet)")
    }
    assert all(each.meaning.serious for each in found)
    other = replace(first, options=loaded(auth_method=setting("sql")).options, unloaded=file)
    [one, *_] = compare(first, other)
    assert one.second == "sql; ldap (in its file, not loaded yet)"
    assert compare(first, replace(other, unloaded=None))[0].mark != one.mark
    alike = replace(first, in_file=True, changed=(("auth_method", ""),))
    [one, *_] = compare(first, replace(other, unloaded=alike))
    assert one.second == "sql (its file has what first has, not loaded yet)"
    for changed in ((), (("language", ""),)):
        [one, *_] = compare(first, replace(other, unloaded=replace(alike, changed=changed)))
        assert one.second == "sql", "not of the file"
    for refused, option in ((True, "refused"), (False, "not read")):
        file = NodeSettings(in_file=True, refused=refused)
        [found_now] = compare(first, replace(first, unloaded=file))
        assert option in found_now.second
        assert not found_now.meaning.serious, "the operator may know better than the reader"


def test_what_is_the_same_has_one_value_and_no_secret() -> None:
    database, secret = setting("mnesia"), setting("x", shown=False)
    mine: dict[str, Options] = {"mod_mam": {"default": setting("always")}, "mod_one": {}}
    first = loaded(modules=mine, default_db=database, sql_password=secret)
    theirs: dict[str, Options] = {"mod_mam": {"default": setting("never")}}
    second = loaded(modules=theirs, default_db=database, sql_password=secret)
    found = {(each.option, each.host): each.first for each in agreements(first, second)}
    assert found["hosts", HOST] == "served"
    assert found["default_db", ""] == "mnesia"
    assert found["sql_password", ""] == "a value that is not shown"
    assert found["mod_mam", HOST] == "runs"
    assert found["net_ticktime", ""] == "60 s"
    assert ("mod_one", HOST) not in found
    assert agreements(first, NodeSettings()) == ()


@pytest.mark.parametrize(
    ("here", "there", "first", "second"),
    [
        ("max_user_sessions: 10\nc2s: normal", "max_user_sessions: 20\nc2s: normal",
         "max_user_sessions: 10", "max_user_sessions: 20"),
        ("a: 1", "a: 1\nb: 2", "b: not there", "b: 2"),
        ("a: 1\nb: 2\nc: 3", "a: 2\nc: 3", "a: 1; b: 2", "a: 2; b: not there"),
        ("local: allow: local", "local: allow: all", "local: allow: local", "local: allow: all"),
        ("mnesia", "sql", "mnesia", "sql"),
        ("a: " + "x" * 400, "a: y", "a: " + "x" * 116 + "…", "a: y"),
        ("a: " + "x" * 400, "a: " + "x" * 401, "a value that is not shown", "another"),
        ("a: 1\nb: 2", "b: 2\na: 1", "a: 1; b: 2", "b: 2; a: 1"),
    ],
)  # fmt: skip
def test_of_rules_those_that_differ_are_shown(
    here: str, there: str, first: str, second: str
) -> None:
    one, other = (loaded(shaper_rules=setting(each)) for each in (here, there))
    [found] = [each for each in compare(one, other) if each.host]
    assert (found.first, found.second) == (first, second)


def test_rules_that_are_the_same_are_counted() -> None:
    one = loaded(acl=setting("a: 1\nb: 2"), shaper=setting("a: 1"))
    found = {each.option: each.first for each in agreements(one, one)}
    assert (found["acl"], found["shaper"]) == ("2 rules alike", "a: 1")
