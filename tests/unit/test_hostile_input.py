"""Whatever a file, a host or a node sends: a value, or one clear error, and JSON stays JSON."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

import pytest
import tomli_w
from hypothesis import given, settings
from hypothesis import strategies as st

from ejtui.cluster.diagnosis.diagnose import findings
from ejtui.cluster.facts.from_probe import node_facts
from ejtui.cluster.facts.node import NodeFacts, PairFacts
from ejtui.config import PLATFORM_VALUES, ConfigError, HostConfig, load
from ejtui.erlang.probe.client import ProbeError
from ejtui.erlang.terms.etf import Atom, encode, readable
from ejtui.hosts import HostError
from ejtui.platforms import Platform, ask_platform
from tests.fuzz.values import Says
from tests.samples import PLATFORM, SNAPSHOT

EXAMPLES = 150

CONFIG: dict[str, Any] = {
    "first": "a",
    "second": "b",
    "nodes": {
        "a": {"address": "a.example", "user": "op", "become": "sudo", "port": 22},
        "b": {"address": "local", "platform": "debian", "env": {"ERL_EPMD_PORT": 4370}},
    },
}
TOML = st.recursive(
    st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


def clear(error: Exception) -> None:
    """The error is for people: nothing in it that a terminal obeys."""
    assert str(error)
    assert all(character.isprintable() or character == "\n" for character in str(error))


def loaded(file: Path, data: bytes) -> None:
    file.write_bytes(data)
    try:
        load(file)
    except ConfigError as error:
        clear(error)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("hostile") / "config.toml"


def test_a_torn_configuration_is_one_clear_error(file: Path) -> None:
    whole = tomli_w.dumps(CONFIG).encode()
    for end in range(len(whole)):
        loaded(file, whole[:end])


@given(data=st.data())
@settings(max_examples=EXAMPLES)
def test_values_of_any_type_anywhere(file: Path, data: st.DataObject) -> None:
    config = json.loads(json.dumps(CONFIG))
    table = data.draw(
        st.sampled_from([config, config["nodes"], config["nodes"]["a"], config["nodes"]["b"]])
    )
    key = data.draw(st.sampled_from([*table, *PLATFORM_VALUES, "become", "proxy_jump"]) | st.text())
    table[key] = data.draw(TOML)
    loaded(file, tomli_w.dumps(config).encode("utf-8", "replace"))


# What ask_platform's script prints of a host.
SAID = {
    "ctl": "/usr/sbin/ejabberdctl", "ctl_there": "1", "end": "1", "hostname": "first",
    "uname": "Linux", "ERLANG_NODE": "ejabberd@first", "SPOOL_DIR": "/var/lib/ejabberd",
    "erl_found": "/usr/bin/erl", "epmd_found": "/usr/bin/epmd", "FIREWALL_WINDOW": "4370-4380",
    "INET_DIST_INTERFACE": "127.0.0.1", "ERL_DIST_PORT": "4370", "INSTALLUSER": "ejabberd",
}  # fmt: skip


LINES = st.dictionaries(
    st.sampled_from([*SAID]) | st.text(st.characters(codec="ascii"), max_size=8),
    st.binary(max_size=40) | st.sampled_from([b"", b"x y", b"-1", b"\x1b]0;owned\x07", b"'\n\""]),
    max_size=4,
)


@given(LINES, st.binary(max_size=20))
@settings(max_examples=EXAMPLES)
async def test_a_host_may_say_anything_of_its_ejabberd(
    changed: dict[str, bytes], torn: bytes
) -> None:
    said = {**{name: value.encode() for name, value in SAID.items()}, **changed}
    data = b"\0".join(name.encode() + b"\t" + value for name, value in said.items()) + b"\0" + torn
    try:
        platform = await ask_platform(Says(data), HostConfig("first", "local", become="none"))
    except HostError as error:
        clear(error)
    else:
        assert isinstance(platform, Platform)


TERMS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.binary(max_size=20)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=20).map(Atom),
    lambda inner: st.lists(inner, max_size=3) | st.lists(inner, max_size=4).map(tuple)
    | st.dictionaries(st.binary(max_size=5), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where in a value something else can be put."""
    inner = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    return [path, *(found for key, each in inner for found in places(each, (*path, key)))]


def replaced(value: Any, path: tuple[Any, ...], other: object) -> Any:
    if not path:
        return other
    copy = value.copy()
    copy[path[0]] = replaced(value[path[0]], path[1:], other)
    return copy


def facts_of(snapshot: Any) -> NodeFacts | None:
    """What is made of a snapshot that has come over the line."""
    with contextlib.suppress(ProbeError):
        return node_facts("first", PLATFORM, readable(encode(snapshot)))
    return None


def test_the_snapshot_as_it_should_be_is_understood() -> None:
    facts = facts_of(SNAPSHOT)
    assert facts is not None
    assert (facts.accounts, facts.vm, len(facts.tables)) == (25, "up", 1)


@given(st.sampled_from(places(SNAPSHOT)), TERMS)
@settings(max_examples=4 * EXAMPLES)
def test_a_probe_may_answer_anything(path: tuple[Any, ...], term: object) -> None:
    facts = facts_of(replaced(SNAPSHOT, path, term))
    if facts is None:
        return
    good = facts_of(SNAPSHOT)
    assert good is not None
    pair = PairFacts(good, facts)
    said = {**pair.to_json(), "findings": [each.to_json() for each in findings(pair)]}
    json.loads(json.dumps(said), parse_constant=pytest.fail)
