"""An ejabberd.yml as it is written: what is read of it, what is refused, and which lines change."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ejtui.cluster.administration import document, masking
from ejtui.cluster.administration.carry import carry
from ejtui.cluster.administration.document import BadFile, Document, Scalar, Value
from ejtui.cluster.administration.edits import Edit, edited
from ejtui.cluster.administration.written import Written, read_written
from ejtui.cluster.diagnosis import own_file
from ejtui.cluster.errors import NoSuchOption, StepFailed

MAIN = "/etc/ejabberd/ejabberd.yml"

FIRST = """\
define_macro:
  ADMINS:
    - "amelie@chat.example"
    - boss@chat.example
  LONG: "30 days"
hosts:
  - chat.example
auth_method: [mnesia]
sql_password: "Firsts-own-sesame"
acl:
  admin:
    user: ADMINS
include_config_file:
  /etc/ejabberd/limits.yml:
    allow_only:
      - shaper
append_host_config:
  chat.example:
    modules:
      mod_mam:
        default: always
modules:
  mod_last: {}
  mod_offline:
    access_max_user_messages: @LONG@
"""

LIMITS = """\
shaper:
  normal: 3000
language: de
"""

SECOND = """\
###   second's own file
# sql_password: "In-a-comment"
hosts:
  - other.example # the old one
  # - dropped.example

define_macro:
  'PASSWORD': "Seconds-own-sesame"
auth_method: anonymous   # for guests
sql_password: PASSWORD

acl:
  local:
    user_regexp: ""
  # who may do everything
  admin:
    user:
      - root@other.example
shaper: {normal: 1000}

modules:
  mod_ping: {}
  # mod_last: {}
  mod_offline:
    access_max_user_messages: 10   # few

# the end
"""


async def read(files: dict[str, str], **how: dict[str, str]) -> Written:
    async def text(path: str) -> str:
        if path not in files:
            raise BadFile(path, 0, "it is not there")
        return files[path]

    return await read_written(MAIN, text, environment=how.get("environment"))


async def both() -> tuple[Written, Written]:
    first = FIRST.replace("@LONG@", '"@LONG@"')
    return await read({MAIN: first, "/etc/ejabberd/limits.yml": LIMITS}), await read({MAIN: SECOND})


async def test_macros_includes_and_the_environment_are_read_as_ejabberd_reads_them() -> None:
    first, second = await both()
    admins = (Scalar("amelie@chat.example"), Scalar("boss@chat.example"))
    assert first.value(("acl", "admin", "user")) == admins
    assert first.value(("shaper", "normal")) == Scalar("3000")
    assert first.value(("language",)) is None
    offline = ("modules", "mod_offline", "access_max_user_messages")
    assert first.value(offline) == Scalar("30 days")
    assert second.value(("sql_password",)) == Scalar("Seconds-own-sesame")
    given = await read({MAIN: SECOND}, environment={"PASSWORD": "from-outside"})
    assert given.value(("sql_password",)) == Scalar("from-outside")


async def test_three_options_taken_change_those_lines_and_no_others() -> None:
    first, second = await both()
    done = carry(first, second, ["hosts", "acl", "auth_method"])
    assert done.text == SECOND.replace(
        "  - other.example # the old one\n",
        '  - other.example # the old one\n  - "chat.example"\n',
    ).replace(
        "auth_method: anonymous   # for guests\n", "auth_method:   # for guests\n  - mnesia\n"
    ).replace(
        '  local:\n    user_regexp: ""\n', ""
    ).replace(
        "    user:\n      - root@other.example\n",
        '    user:\n      - "amelie@chat.example"\n      - boss@chat.example\n',
    ).replace(
        "    access_max_user_messages: 10   # few\n",
        "    access_max_user_messages: 10   # few\n"
        "append_host_config:\n  chat.example:\n    modules:\n      mod_mam:\n"
        "        default: always\n",
    )  # fmt: skip
    changed = [line for line in done.diff if line[:1] in "+-" and line[:3] not in ("+++", "---")]
    assert len(changed) == 14
    assert done.taken == ("hosts", "acl", "auth_method")


async def test_an_option_of_a_module_changes_one_line() -> None:
    first, second = await both()
    done = carry(first, second, ["mod_offline.access_max_user_messages", "mod_last", "mod_ping"])
    assert done.text == SECOND.replace("  mod_ping: {}\n", "").replace(
        "    access_max_user_messages: 10   # few\n",
        '    access_max_user_messages: "30 days"   # few\n  mod_last: {}\n',
    )


async def test_a_module_whose_last_option_goes_still_runs() -> None:
    text = "modules:\n  mod_last:\n    db_type: sql\n  mod_ping: {}\n"
    first = await read({MAIN: "modules:\n  mod_last: {}\n  mod_ping: {}\n"})
    done = carry(first, await read({MAIN: text}), ["mod_last.db_type"])
    assert done.text == "modules:\n  mod_last: {}\n  mod_ping: {}\n"
    only = "modules:\n  mod_last:\n    db_type: sql\n"
    done = carry(first, await read({MAIN: only}), ["mod_last.db_type"])
    assert done.text == "modules:\n  mod_last: {}\n"


async def test_no_secret_is_in_a_diff_and_the_new_file_has_it() -> None:
    first, second = await both()
    done = carry(first, second, ["sql_password", "hosts"])
    shown = "\n".join(done.diff)
    assert 'sql_password: "Firsts-own-sesame"' in done.text
    assert '+sql_password: "*** (new)"' in shown
    assert "sesame" not in shown
    whole = "\n".join(masking.masked(second.main, done.hidden))
    assert "sesame" not in whole
    assert "In-a-comment" not in whole


async def test_what_belongs_to_a_host_is_taken_by_name_alone() -> None:
    upload = "modules:\n  mod_http_upload:\n    docroot: /srv/first\nlisten:\n  - port: 5222\n"
    first = await read({MAIN: f"hosts: [a]\njwt_key: /etc/first.key\n{upload}"})
    second = await read({MAIN: "hosts: [a]\n"})
    options = ["listen", "mod_http_upload", "jwt_key"]
    done = carry(first, second, options, everything=True)
    assert done.text == second.main.text
    assert len(done.left) == 3
    assert carry(first, second, ["mod_http_upload"]).taken == ("mod_http_upload",)
    assert carry(first, second, ["loglevel"]).left == (
        "loglevel: neither file sets it, and it is not compared: the log of the host",
    )
    with pytest.raises(StepFailed, match="name the options in it"):
        carry(first, second, ["modules"])


async def test_what_an_included_file_sets_is_not_written() -> None:
    first = await read({MAIN: "hosts: [a]\nacl: {admin: {user: [x@a]}}\n"})
    text = "hosts: [a]\ninclude_config_file: /etc/ejabberd/acl.yml\n"
    second = await read({MAIN: text, "/etc/ejabberd/acl.yml": "\nacl:\n  admin: {}\n"})
    with pytest.raises(StepFailed, match=r"/etc/ejabberd/acl.yml, line 2: it sets acl"):
        carry(first, second, ["acl"])


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        ("hosts:\n\t- a\n", 2, "a tab indents this line"),
        ("a: [1\nb: 2\n", 2, "it is no YAML"),
        ("hosts: [a]\nacl: {}\nhosts: [b]\n", 3, "also in line 1"),
        ("hosts: [a]\nacl:\n  x: 1\n  x: 2\n", 4, "also in line 3"),
        ("- a\n", 1, "must hold options"),
        ("a: 1\n---\nb: 2\n", 2, "second document"),
        ("a: 1\nb: \x01\n", 2, "a character"),
        ("a: |\n  x\u2028  y\n", 1, "U+2028"),
        ("a: 1\nb: c\u2028d\n", 3, "Line 2 has a separator of lines or paragraphs (U+2028"),
        ('a: "x\u2028y"\nb: [1\nc: 2\n', 3, "it is no YAML: "),
        ('a: "x\u2028y"\nb: [1\nc: 2\n', 3, ". Line 1 has a separator of lines"),
        ("a: 1\nb: !x\tc\n", 2, "a tab follows a tag"),
        ('a: "\\ud83d"\n', 1, "no character"),
        ("a: " + "[" * 5000, 0, "too deep"),
        ("# " + "x" * document.MOST_BYTES, 0, "more than"),
        ("define_macro:\n  A: B\n  B: A\nhosts: A\n", 0, "stands for itself"),
        ("hosts: a\ninclude_config_file: gone.yml\n", 2, "it is not there"),
        (f"hosts: a\ninclude_config_file:\n  - {MAIN}\n", 2, "which includes it"),
        ("hosts: a\ninclude_config_file:\n  a.yml: {only: []}\n", 2, "allow_only or disallow"),
    ],
)
async def test_a_file_that_cannot_be_used_is_named_with_its_line(
    text: str, line: int, why: str
) -> None:
    with pytest.raises(BadFile) as caught:
        await read({MAIN: text})
    assert why in str(caught.value)
    assert caught.value.line == line
    assert str(caught.value).startswith(MAIN)
    assert "\n" not in str(caught.value)


async def test_no_file_is_one_sentence() -> None:
    with pytest.raises(BadFile, match=f"{MAIN}: it is not there"):
        await read({})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("hosts: [b]\n", 'hosts: [b, "a"]\n'),
        ("hosts: [b] # one\nx: 1", 'hosts: [b, "a"] # one\nx: 1'),
        ("hosts:\n- b", 'hosts:\n- b\n- "a"\n'),
        ("x: 1\nhosts:\n    - b\n\nz: 1\n", 'x: 1\nhosts:\n    - b\n    - "a"\n\nz: 1\n'),
        ("hosts:\r\n  - b\r\n", 'hosts:\r\n  - b\r\n  - "a"\r\n'),
        ('"hosts":\n  - "b"\n', '"hosts":\n  - "b"\n  - "a"\n'),
        ("# empty\n", '# empty\nhosts:\n  - "a"\n'),
    ],
)
async def test_hosts_are_added_as_the_list_is_written(text: str, expected: str) -> None:
    first = await read({MAIN: "hosts: [a]\n"})
    assert carry(first, await read({MAIN: text}), ["hosts"]).text == expected


async def test_lines_that_hold_more_than_the_option_are_refused() -> None:
    first = await read({MAIN: "hosts: [a]\nacl: {x: 1}\n"})
    for text in ("{hosts: [a], acl: {}}\n", "hosts: [a]\nacl: &x {y: 1}\n"):
        with pytest.raises(BadFile, match=r"by hand|indented lines"):
            carry(first, await read({MAIN: text}), ["acl"])


_WORDS = st.one_of(
    st.sampled_from(
        ["true", "12", "a b", "x: y", "# no", "@", "- z", "é", "", "'", '"', "*a", "|"]
    ),
    st.text(max_size=12).filter(lambda text: text.isprintable()),
)
_SCALARS = st.builds(Scalar, _WORDS, st.sampled_from(["'", '"']))
_VALUES: st.SearchStrategy[Value] = st.recursive(
    _SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(tuple),
        st.dictionaries(st.sampled_from([Scalar("one"), Scalar("two words")]), inner, max_size=2),
    ),
    max_leaves=5,
)
_KEYS = st.sampled_from(
    [
        *(("acl",), ("acl", "admin"), ("modules", "mod_offline"), ("modules", "mod_new", "x")),
        *(("hosts",), ("shaper",), ("host_config", "chat.example", "acl"), ("new",)),
    ]
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(_KEYS, _VALUES), min_size=1, max_size=4, unique_by=lambda each: each[0]))
def test_whatever_is_put_into_a_file_is_read_out_of_it(
    wanted: list[tuple[tuple[str, ...], Value]],
) -> None:
    top = {keys[0]: (keys, value) for keys, value in wanted}
    edits = [Edit(keys, value) for keys, value in top.values()]
    new = Document(MAIN, edited(MAIN, SECOND, edits))
    for keys, value in top.values():
        here: Value | None = new.values
        for key in keys:
            here = here.get(Scalar(key)) if isinstance(here, dict) else None
        assert here == value
    comments = [line for line in SECOND.splitlines() if line.startswith("#")]
    assert [line for line in new.text.splitlines() if line in comments] == comments


@pytest.mark.parametrize(
    ("code", "right"),
    [
        ("enoent", "put it there"),
        ("eacces", "let ejabberd's user"),
        ("efbig", "take out"),
        ("x", ""),
    ],
)
def test_a_file_that_cannot_be_read_has_what_would_be_right(code: str, right: str) -> None:
    text = own_file.unreadable("second", code, "why")
    assert text.startswith("it cannot be read on second: why")
    assert right in text


@pytest.mark.parametrize(
    ("option", "guess"),
    [("nosuch", ""), ("auth_metod", "did you mean auth_method?"), ("mod_pin", "mod_ping"),
     ("mod_nosuch.db_type", ""), ("shapr", "did you mean shaper?")],
)  # fmt: skip
async def test_an_option_that_there_is_not_is_refused_with_the_nearest(
    option: str, guess: str
) -> None:
    first, second = await both()
    with pytest.raises(NoSuchOption, match=option) as caught:
        carry(first, second, ["acl", option])
    assert guess in str(caught.value)


@pytest.mark.parametrize(
    "option", ["default_db", "net_tickintensity", "mod_ping.send_pings", "certfiles"]
)
async def test_what_no_file_sets_and_may_still_differ_is_left(option: str) -> None:
    first, second = await both()
    assert carry(first, second, [option]).left[0].startswith(f"{option}: neither file sets it")


async def test_each_change_of_a_diff_has_the_names_above_it() -> None:
    text = (
        "hosts:\n- a\nacl:\n  local: {}\naccess_rules:\n  # who\n  c2s:\n    allow: all\n"
        '  "muc x":\n    - allow: local\n    - deny: all\nlast: 1\n'
    )
    new = text.replace("- a\n", "- a\n- b\n").replace("allow: local", "allow: all")
    new = new.replace("last: 1", "last: 2").replace("    allow: all\n", "    allow: c2s\n", 1)
    lines = masking.difference(document.Document(MAIN, text), document.Document(MAIN, new), ())
    assert [line for line in lines if line.startswith("@@")] == [
        "@@ -2,0 +3 @@ hosts:",
        "@@ -8 +9 @@ access_rules: c2s:",
        "@@ -10 +11 @@ access_rules: muc x:",
        "@@ -12 +13 @@",
    ]
    assert not [line for line in lines if line.startswith(" ")], "no other line is shown"


@pytest.mark.parametrize(
    ("line", "value", "expected"),
    [
        ("auth_method: internal # keep me", "sql", "auth_method: sql # keep me"),
        ("auth_method: [internal]   # keep me", "sql", "auth_method: sql   # keep me"),
        ('auth_method: "a # b" # keep me', "sql", "auth_method: sql # keep me"),
        ("auth_method: a#b", "sql", "auth_method: sql"),
        ("auth_method: # keep me", "sql", "auth_method: sql # keep me"),
        ("auth_method:", "sql", "auth_method: sql"),
    ],
)
def test_a_comment_after_a_value_stays(line: str, value: str, expected: str) -> None:
    text = f"language: de\n{line}\nhosts: [a]\n"
    new = edited(MAIN, text, [Edit(("auth_method",), Scalar(value))])
    assert new == f"language: de\n{expected}\nhosts: [a]\n"


def test_lines_that_are_replaced_end_as_they_did() -> None:
    text = "language: de\r\nauth_method: internal # keep\nfqdn: a\r\n"
    edits = [
        Edit(("auth_method",), Scalar("sql")),
        Edit(("fqdn",), Scalar("b")),
        Edit(("loglevel",), Scalar("info")),
    ]
    new = "language: de\r\nauth_method: sql # keep\nfqdn: b\r\nloglevel: info\r\n"
    assert edited(MAIN, text, edits) == new
