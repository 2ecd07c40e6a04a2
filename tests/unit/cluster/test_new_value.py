"""A value that the operator writes for an option: read, refused, and put into the file."""

from __future__ import annotations

import pytest

from ejtui.cluster.administration.carry import carry
from ejtui.cluster.administration.document import BadFile, Scalar, Value
from ejtui.cluster.administration.new_value import (
    holds_secret,
    masked_text,
    read_value,
    value_text,
)
from ejtui.cluster.errors import StepFailed
from tests.unit.cluster.test_ejabberd_yml import MAIN, SECOND, both, read


@pytest.mark.parametrize(
    "text",
    ["10", "[a, b]", "a: 1", "- a\n- b: c\n  d: e", '"x y"', "{}", "[]", '""',
     "admin:\n  user:\n    - x@y", "|\n  text\n  more", "x: |\n  a\n  b", "30 days", "'its'"],
)  # fmt: skip
def test_a_value_is_shown_as_yaml_that_means_the_same(text: str) -> None:
    value = read_value("acl", text).value
    assert read_value("acl", value_text(value)).value == value


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "acl: the value is empty"),
        (" \n\n", "acl: the value is empty"),
        ("- [", "acl, line 2: it is no YAML"),
        ("10\nhosts: {}", "acl, line 2: it is no YAML"),
        ("a: 1\na: 2", "acl, line 2: a is there twice, also in line 1"),
        ("a:\n\t- x", "acl, line 2: a tab indents this line"),
        ("a: \x01", "acl, line 1: it has a character"),
        ('*a"ll', "acl, line 1: it is no YAML"),
        ("[" * 5000, "acl: its values lie too deep"),
        ("x" * 300_000, "acl: it has more than"),
    ],
)
def test_what_is_no_value_is_one_sentence_with_its_line(text: str, why: str) -> None:
    with pytest.raises(StepFailed) as error:
        read_value("acl", text)
    assert str(error.value).startswith(why)
    assert "\n" not in str(error.value)


async def test_a_value_changes_the_lines_of_its_option_alone() -> None:
    first, second = await both()
    new = read_value("auth_method", "[mnesia, anonymous]")
    done = carry(first, second, [], sets=[new])
    assert done.text == SECOND.replace(
        "auth_method: anonymous   # for guests\n",
        "auth_method:   # for guests\n  - mnesia\n  - anonymous\n",
    )
    assert (done.values, done.taken) == (("auth_method",), ())
    inner = carry(first, second, [], sets=[read_value("mod_ping.send_pings", "true")])
    assert inner.text == SECOND.replace("  mod_ping: {}\n", "  mod_ping:\n    send_pings: true\n")
    again = carry(first, second, [], sets=[read_value("auth_method", '"anonymous"')])
    assert (again.diff, again.values) == ((), ())
    assert again.left == ("auth_method: second's file sets it so already",)


async def test_a_virtual_host_gets_its_own_value_where_it_has_one() -> None:
    text = 'host_config:\n  "a.example":\n    auth_method: ldap\nauth_method: mnesia\n'
    second = await read({MAIN: text})
    for host, was in (("a.example", "ldap"), ("", "mnesia")):
        new = read_value("auth_method", "sql", host)
        done = carry(second, second, [], sets=[new])
        assert done.text == text.replace(f"auth_method: {was}", "auth_method: sql")
    for value in ("sql", "mnesia"):
        with pytest.raises(StepFailed, match=r"does not set auth_method for b\.example separately"):
            carry(second, second, [], sets=[read_value("auth_method", value, "b.example")])


async def test_what_is_no_option_names_what_may_be_meant() -> None:
    first, second = await both()
    for option, why in (
        ("hosts@a.example", r"name; did you mean hosts\? `ejtui config` names what differs"),
        ("xyzzy", "name; `ejtui config` names what differs"),
    ):
        with pytest.raises(StepFailed, match=why):
            carry(first, second, [option])
    for option in ("define_macro", "include_config_file"):
        with pytest.raises(StepFailed, match=f"{option} is about the file itself"):
            carry(first, second, [option])


async def test_a_secret_of_the_operators_is_written_and_not_shown() -> None:
    first, second = await both()
    done = carry(first, second, [], sets=[read_value("sql_password", "My-own-sesame")])
    assert "My-own-sesame" in done.text
    assert "sesame" not in "".join(done.diff)
    assert '+sql_password: "*** (new)"' in done.diff
    assert "My-own-sesame" in done.hidden


async def test_what_is_no_option_and_what_is_included_is_refused() -> None:
    first, second = await both()
    for option in ("modules", "host_config", "define_macro", "include_config_file"):
        with pytest.raises(StepFailed, match="is not set as a whole"):
            carry(first, second, [], sets=[read_value(option, "{}")])
    included = await read(
        {MAIN: "include_config_file: /etc/x.yml\n", "/etc/x.yml": "shaper: {normal: 1}\n"}
    )
    with pytest.raises((StepFailed, BadFile), match=r"/etc/x\.yml, line 1"):
        carry(first, included, [], sets=[read_value("shaper", "{normal: 2}")])


@pytest.mark.parametrize(
    ("option", "hidden"),
    [("sql_password", True), ("ldap_password", True), ("jwt_key", True), ("mod_x.secret", True),
     ("acl", False), ("auth_password_format", False), ("hosts", False)],
)  # fmt: skip
def test_which_options_hold_a_secret_by_their_name(option: str, hidden: bool) -> None:
    assert holds_secret(option, None) == hidden
    inner: Value = {Scalar("api_token"): Scalar("sesame-open")}
    assert holds_secret(option, inner) == (option not in ("acl", "hosts", "auth_password_format"))


def test_a_value_of_firsts_is_shown_without_its_secrets() -> None:
    text = (
        "put_url: https://x.example\nexternal_secret: sesame\nmax_size: 10\n"
        "thumbnail:\n  - abcdef\n  - b"
    )
    new = read_value("mod_http_upload", text)
    shown = masked_text("mod_http_upload", new.value, {"abcdef", "b"})
    assert "sesame" not in shown
    assert shown.splitlines() == [
        "put_url: https://x.example", "external_secret: '***'", "max_size: 10", "thumbnail:",
        "  - '***'", "  - b",
    ]  # fmt: skip
    assert masked_text("sql_password", Scalar("sesame")) == "'***'"
