"""The configuration: what is read, and every way in which it can be wrong."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import tomli_w
from hypothesis import given
from hypothesis import strategies as st

from ejtui.config import EXAMPLE, ConfigError, ConfigMissing, load
from ejtui.config.existing import existing

PAIR = """
first = "a"
second = "b"
[nodes.a]
address = "a.example.net"
[nodes.b]
address = "b.example.net"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "config.toml"


def wrong(file: Path, text: str | bytes) -> ConfigError:
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    with pytest.raises(ConfigError) as caught:
        load(file)
    assert str(file) in str(caught.value)
    return caught.value


def test_a_pair_with_the_least_said(file: Path) -> None:
    file.write_text(PAIR)
    config = load(file)
    assert (config.first, config.second, config.pair.partition("~")[0]) == ("a", "b", "a+b")
    assert config.path == file
    node = config.nodes["a"]
    assert (node.name, node.address, node.user, node.port) == ("a", "a.example.net", None, None)
    assert node.become == "sudo"
    assert dict(node.overrides) == {}


def test_everything_a_node_may_say(file: Path) -> None:
    file.write_text(
        PAIR
        + 'user = "op"\nbecome = "doas"\nplatform = "openbsd"\nport = 2222\n'
        + 'identity_file = "keys/id"\nproxy_jump = "jump@gate.example:22,inner"\n'
        + 'known_hosts = "/etc/hosts.known"\nssh_config = "~/elsewhere"\n'
        + 'node = "ejabberd@b"\nstart = "rcctl start \'ejabberd\'"\nenv.ERL_EPMD_PORT = 4370\n'
    )
    node = load(file).nodes["b"]
    assert (node.user, node.become, node.platform, node.port) == ("op", "doas", "openbsd", 2222)
    assert node.identity_file == str(file.parent / "keys/id")
    assert node.known_hosts == "/etc/hosts.known"
    assert node.ssh_config == str(Path.home() / "elsewhere")
    assert dict(node.overrides) == {
        "node": "ejabberd@b",
        "start": "rcctl start 'ejabberd'",
        "env.ERL_EPMD_PORT": "4370",
    }


def test_the_example_in_the_messages_is_a_configuration(file: Path) -> None:
    file.write_text(EXAMPLE)
    assert load(file).nodes["second"].user == "op"


def test_become_is_none_where_root_already_is(file: Path) -> None:
    file.write_text(PAIR.replace("a.example.net", "local") + 'user = "root"\n')
    nodes = load(file).nodes
    assert nodes["a"].is_local
    assert nodes["a"].become == ("none" if os.geteuid() == 0 else "sudo")
    assert nodes["b"].become == "none"


def test_the_command_line_names_another_pair(file: Path) -> None:
    file.write_text(PAIR + '[nodes.c]\naddress = "c"\n')
    assert load(file, second="c").pair.partition("~")[0] == "a+c"
    assert load(file, first="b", second="a").pair.partition("~")[0] == "b+a"
    assert load(file, first="b", second="a").pair != load(file).pair
    with pytest.raises(ConfigError, match=r"--second: there is no node \"cc\"; did you mean c\?"):
        load(file, second="cc")
    with pytest.raises(ConfigError, match=r"first and second are both \"b\""):
        load(file, first="b")


def test_names_of_nodes_that_are_none_are_shown_clean(file: Path) -> None:
    node = '[nodes."\\u001b[{}J"]\naddress = "c"\n'
    shown = str(wrong(file, 'first = "a"\nsecond = "b"\n' + node.format(1) + node.format(2)))
    assert 'there is no node "a"' in shown
    assert all(character.isprintable() or character == "\n" for character in shown)


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        (("first", "second"), ("first", "second")),
        (("second", "first"), ("first", "second")),
        (("second", "third"), ("first", "third")),
        (("third", "first"), ("third", "second")),
        (("third", "second"), ("third", "second")),
        (("first", "third"), ("first", "third")),
    ],
)
def test_no_node_is_called_as_the_other_s_part(
    file: Path, given: tuple[str, str], shown: tuple[str, str]
) -> None:
    names = ("first", "second", "third")
    nodes = "".join(f'[nodes.{name}]\naddress = "{name}.example"\n' for name in names)
    file.write_text(f'first = "{given[0]}"\nsecond = "{given[1]}"\n{nodes}')
    config = load(file)
    assert (config.first, config.second) == shown
    pair = [config.nodes[name] for name in shown]
    assert [(host.name, host.address) for host in pair] == [
        (name, f"{address}.example") for name, address in zip(shown, given, strict=True)
    ]
    assert tuple(host.name_in_file for host in pair) == given
    straight = load(file, first="first", second="second")
    assert (config.pair == straight.pair) is (given == ("first", "second"))
    written = existing(file)
    assert written is not None
    assert written.pair == given


def test_a_pair_may_be_left_to_the_command_line(file: Path) -> None:
    file.write_text(PAIR.replace('first = "a"\nsecond = "b"\n', ""))
    with pytest.raises(ConfigError, match=r"first: is missing\n    add first = NAME, one of: a, b"):
        load(file)
    assert load(file, first="a", second="b").pair.partition("~")[0] == "a+b"


def test_missing_says_what_to_do_next(file: Path) -> None:
    with pytest.raises(ConfigMissing) as caught:
        load(file)
    message = str(caught.value)
    assert str(file) in message
    assert "[nodes.second]" in message
    assert "ejtui lab" in message


def test_torn_names_the_line(file: Path) -> None:
    error = wrong(file, 'first = "a"\nsecond = "b\n[nodes.a]\n')
    assert "line 2 is not TOML" in str(error)
    assert r"second = \"b" in str(error)


def test_cut_off_at_its_end_names_the_last_line(file: Path) -> None:
    assert "line 3 is not TOML" in str(wrong(file, 'first = "a"\nsecond = "b"\n[nodes.a'))


def test_not_text(file: Path) -> None:
    assert "byte 3 is not UTF-8" in str(wrong(file, b"fir\xff"))


def test_a_byte_order_mark_is_no_trouble(file: Path) -> None:
    file.write_bytes(b"\xef\xbb\xbf" + PAIR.encode())
    assert load(file).first == "a"


def test_a_directory(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read: Is a directory"):
        load(tmp_path)


@pytest.mark.parametrize(
    ("place", "what"),
    [("pipe", "no regular file"), ("/dev/zero", "no regular file"), ("large", "more than 1024 kB")],
)
def test_what_has_no_end_is_not_read(tmp_path: Path, place: str, what: str) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "large").write_bytes(b"#" * ((1 << 20) + 1))
    with pytest.raises(ConfigError, match=f"cannot be read: it .*{what}"):
        load(tmp_path / place)


def test_nested_beyond_reason(file: Path) -> None:
    assert "nested too deeply" in str(wrong(file, "a = " + "[" * 100_000))


@pytest.mark.parametrize(
    ("line", "key", "said"),
    [
        ('addres = "x"', "nodes.b.addres", "did you mean address?"),
        ('"ad dress" = "x"', 'nodes.b."ad dress"', "is not a key"),
        ('port = "22"', "nodes.b.port", 'is text ("22")'),
        ("port = true", "nodes.b.port", "is true or false"),
        ("port = 70000", "nodes.b.port", "is 70000"),
        ("user = 7", "nodes.b.user", "is the number 7"),
        ("user = 1979-05-27", "nodes.b.user", "is a date or time"),
        ('user = ""', "nodes.b.user", "is empty"),
        ('user = "o p"', "nodes.b.user", "is not a user's name"),
        ('user = "-l"', "nodes.b.user", "is not a user's name"),
        ('become = "sodo"', "nodes.b.become", "did you mean sudo?"),
        ('become = "sodu"', "nodes.b.become", "did you mean sudo?"),
        ('platform = "beos"', "nodes.b.platform", "it should be one of: "),
        ('node = "ejabberd"', "nodes.b.node", "it should be name@host"),
        ('start = "it\'s"', "nodes.b.start", "no closing quotation"),
        ('home = "/a\\nb"', "nodes.b.home", "does not print"),
        ('home = ["/a"]', "nodes.b.home", "is a list"),
        ('proxy_jump = "-oProxyCommand=x"', "nodes.b.proxy_jump", "is not a jump host"),
        ("env = 1", "nodes.b.env", "is the number 1"),
        ('env."A=B" = "c"', 'nodes.b.env."A=B"', "is not a variable's name"),
        ("env.A = 1.5", "nodes.b.env.A", "is the number 1.5"),
        ("[nodes.c]", "nodes.c.address", "is missing"),
        ('[nodes."-c"]\naddress = "c"', 'nodes."-c"', "is not a name for a node"),
        ("[other]", "other", "is not a key that ejtui knows"),
    ],
)
def test_each_error_names_its_key_and_what_would_be_right(
    file: Path, line: str, key: str, said: str
) -> None:
    error = wrong(file, PAIR + line + "\n")
    assert error.key == key
    assert said in str(error)
    assert error.would_be_right
    assert str(error).count("\n") <= 4


@pytest.mark.parametrize(
    ("text", "key", "said"),
    [
        ("", "nodes", "is missing"),
        ("nodes = 3", "nodes", "is the number 3"),
        ("[nodes]\na = 1\nb = 2", "nodes.a", "is the number 1"),
        ('[nodes.a]\naddress = "a"', "nodes", "one node alone is listed"),
        (PAIR.replace('first = "a"', "first = 1"), "first", "is the number 1"),
        (PAIR.replace('first = "a"', 'first = "b"'), "second", 'both "b"'),
        (PAIR.replace('"a.example.net"', '"local"\nport = 22'), "nodes.a.port", "is for ssh"),
    ],
)
def test_errors_of_the_whole(file: Path, text: str, key: str, said: str) -> None:
    error = wrong(file, text)
    assert error.key == key
    assert said in str(error)


def test_everything_that_is_wrong_is_reported_at_once(file: Path) -> None:
    text = PAIR.replace('first = "a"', 'frist = "a"\nfirst = "x"').replace(
        '"a.example.net"', '"local"\nport = 22\nuser = "op"'
    )
    text += 'port = 70000\nbecome = "sodo"\naddres = "b"\nenv.A = 1.5\nenv."B=" = "c"\nhome = ""\n'
    error = wrong(file, text)
    keys = ["frist", "nodes.a.port", "nodes.a.user", "nodes.b.addres", "nodes.b.become",
            "nodes.b.port", "nodes.b.home", "nodes.b.env.A", 'nodes.b.env."B="',
            "first"]  # fmt: skip
    assert [each.key for each in error.each] == keys
    assert str(error).startswith(f"{file}: 10 things are wrong:\n- frist: is not")
    assert all(f"{each.key}: {each.what}" in str(error) for each in error.each)
    assert (error.key, error.what) == ("frist", error.each[0].what)


def test_one_mistake_is_as_it_always_was(file: Path) -> None:
    error = wrong(file, PAIR + "port = 70000\n")
    assert error.each == (error,)
    assert "things are wrong" not in str(error)


def test_both_names_of_the_command_line_are_checked(file: Path) -> None:
    file.write_text(PAIR)
    with pytest.raises(ConfigError) as caught:
        load(file, first="x", second="y")
    assert [each.key for each in caught.value.each] == ["--first", "--second"]


HOSTILE = st.text(min_size=1).filter(
    lambda text: any(c in text for c in "'\"`;$&|<>\\ \n\r\0\x1b") or text.startswith("-")
)


@given(HOSTILE)
def test_a_hostile_address_is_one_clear_message(
    tmp_path_factory: pytest.TempPathFactory, value: str
) -> None:
    file = tmp_path_factory.getbasetemp() / "hostile.toml"
    nodes = {"a": {"address": value}, "b": {"address": "b"}}
    text = tomli_w.dumps({"first": "a", "second": "b", "nodes": nodes})
    error = wrong(file, text.encode("utf-8"))
    assert error.key == "nodes.a.address"
    assert str(error).count("\n") == 1
    assert all(c.isprintable() or c == "\n" for c in str(error))


@given(st.binary())
def test_no_bytes_are_more_than_a_configuration_error(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    wrong(tmp_path_factory.getbasetemp() / "bytes.toml", data)
