"""Macros, keywords, aliases and others' files in an ejabberd.yml, as ejabberd's releases read them.

Each expected value is what ejabberd 21.01 to 26.07 have loaded of such a file.
"""

from __future__ import annotations

import pytest

from ejtui.cluster.administration.carry import carry
from ejtui.cluster.administration.document import BadFile, Scalar
from ejtui.cluster.administration.written import Written, read_written
from ejtui.cluster.errors import StepFailed

MAIN = "/etc/ejabberd/ejabberd.yml"
OTHER = "/var/lib/ejabberd/.ejabberd-modules/mod_x/conf/mod_x.yml"


async def read(
    text: str, *, expands: bool = True, others: dict[str, str] | None = None, **macros: str
) -> Written:
    files = {MAIN: text, **(others or {})}

    async def text_of(path: str) -> str:
        return files[path]

    return await read_written(
        MAIN, text_of, environment=macros, expands=expands, more=tuple(others or ())
    )


@pytest.mark.parametrize(
    ("kind", "defined", "used", "since_25_03", "before"),
    [
        ("macro", '"de"', "LL", "de", "de"),
        ("macro", "de", '"LL"', "de", "de"),
        ("macro", '"de"', '"a@LL@b"', "adeb", "a@LL@b"),
        ("macro", "de", '"a@LL@b"', "a@LL@b", "a@LL@b"),
        ("macro", "12", '"a@LL@b"', "a@LL@b", "a@LL@b"),
        ("macro", '"de"', "a@LL@b", "a@LL@b", "a@LL@b"),
        ("keyword", '"de"', "a@LL@b", "adeb", None),
        ("keyword", '"de"', '"a@LL@b"', "adeb", None),
        ("keyword", "de", '"a@LL@b"', "a@LL@b", None),
        ("keyword", '"de"', '"LL"', "LL", None),
        ("keyword", '"de"', "LL", "de", None),
    ],
)
async def test_a_word_gets_its_place_as_the_release_does_it(
    kind: str, defined: str, used: str, since_25_03: str, before: str | None
) -> None:
    text = f"define_{kind}:\n  LL: {defined}\nsql_password: {used}\n"
    assert (await read(text)).value(("sql_password",)) == Scalar(since_25_03)
    if before is not None:
        old = await read(text, expands=False)
        assert old.value(("sql_password",)) == Scalar(before)


async def test_a_macro_of_the_environment_is_a_text() -> None:
    text = 'language: "x@LL@"\nsql_password: "x@NN@"\n'
    seen = await read(text, LL="de", NN="12")
    assert seen.value(("language",)) == Scalar("xde")
    assert seen.value(("sql_password",)) == Scalar("x@NN@"), "a number is no text"


async def test_a_macro_in_a_macro_is_replaced_too() -> None:
    text = 'define_macro:\n  AA: "x"\n  LL: "y@AA@"\nsql_password: "a@LL@b"\n'
    assert (await read(text)).value(("sql_password",)) == Scalar("ayxb")


async def test_ejabberd_knows_no_alias_and_no_merge_key() -> None:
    seen = await read("acl:\n  x: &n\n    user: [joe]\n  y: *n\n  z:\n    <<: *n\nlanguage: *de\n")
    assert seen.value(("acl", "y")) == Scalar("n")
    assert seen.value(("acl", "z")) == {Scalar("<<"): Scalar("n")}
    assert seen.value(("language",)) == Scalar("de")
    second = await read("language: en\nacl: {}\n")
    assert carry(seen, second, ["language"]).text == "language: de\nacl: {}\n"
    with pytest.raises(BadFile, match="no YAML"):
        await read('language: *d"e\n')


async def test_hosts_behind_a_macro_are_written_out_where_some_are_added() -> None:
    second = await read("define_macro:\n  HH: [a, b]\nhosts: HH # ours\nlanguage: HH\n")
    first = await read("define_macro:\n  ALL:\n    - b\n    - c\nhosts: ALL\n")
    done = carry(first, second, ["hosts"])
    assert (await read(done.text)).value(("hosts",)) == (Scalar("a"), Scalar("b"), Scalar("c"))
    assert "language: HH\n" in done.text
    assert (await read(carry(second, first, ["hosts"]).text)).value(("hosts",)) == (
        Scalar("b"), Scalar("c"), Scalar("a"),
    )  # fmt: skip


async def test_files_of_others_modules_count_and_are_not_written() -> None:
    other = "define_macro:\n  NN: 7\nmodules:\n  mod_x:\n    count: NN\nlanguage: NN\n"
    text = "modules:\n  mod_last: {}\nfqdn: NN\n"
    one, two = await read(text, others={OTHER: other}), await read(text)
    assert one.value(("modules", "mod_x", "count")) == Scalar("7")
    assert one.value(("modules", "mod_last")) == {}
    assert one.value(("fqdn",)) == Scalar("NN"), "a macro counts in its own file"
    with pytest.raises(StepFailed, match=r"mod_x\.yml, line 5: it sets modules\.mod_x\.count"):
        carry(two, one, ["mod_x.count"])
    assert "mod_x" in carry(one, two, ["mod_x"]).text
