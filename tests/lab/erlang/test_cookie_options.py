"""Which cookie an erl takes of its options; ejtui finds that one, moves it and takes it out."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

import pytest

from ejtui.cluster.repairs.tools.settings import dropping
from ejtui.config import HostConfig
from ejtui.erlang.probe import questions
from ejtui.erlang.probe.client import ProbeError
from ejtui.hosts import open_host
from ejtui.platforms import Platform, ask_platform
from ejtui.platforms.platform import CookieOption
from tests.lab.erlang.conftest import BOUND, Nodes, Probes

OWN = "TheOneOfTheFile"

CTL = """#!/bin/sh
INSTALLUSER=
: "${CONFIG_DIR:="@HERE@"}"
: "${VMARGS:="$CONFIG_DIR/vm.args"}"
ERL=erl
EPMD=epmd
SPOOL_DIR=@HERE@/db
LOGS_DIR=@HERE@
: "${EJABBERDCTL_CONFIG_PATH:="$CONFIG_DIR/ejabberdctl.cfg"}"
[ -f "$EJABBERDCTL_CONFIG_PATH" ] && . "$EJABBERDCTL_CONFIG_PATH"
"""

VM_ARGS = {
    "one line": "+P 9000\n-setcookie Given # ours\n-kernel net_ticktime 30\n",
    "two lines": "-setcookie\n  Given\n-kernel net_ticktime 30\n",
    "a comment between": "+P 9000\n-setcookie\n# of 2019\n\n\tGiven\n",
    "Windows' lines": "-setcookie\r\nGiven\r\n+P 9000\r\n",
    "Windows' one line": "-setcookie Given\r\n+P 9000\r\n",
    "quotes": "\"-setcookie\" 'Given' +P 9000\n",
    "one more option": "+P 9000 -setcookie Given -kernel net_ticktime 30\n",
    "another node's too": "-setcookie other@host Theirs -setcookie Given\n",
}
NONE = {
    "a comment": "# -setcookie Given\n",
    "another node's": "-setcookie other@host Given\n",
    "two": "-setcookie Given\n-setcookie Given\n",
    "no word": "-setcookie\n-kernel net_ticktime 30\n",
}


def cookie_of(nodes: Nodes, *options: str) -> str:
    """The cookie that a real erl has with these options."""
    argv = ["erl", "-noshell", "-sname", "asked@localhost", *options, "-eval"]
    argv += ["io:put_chars(atom_to_list(erlang:get_cookie())), halt()."]
    ran = subprocess.run(
        argv, env=nodes.environment("first"), capture_output=True, text=True, timeout=BOUND
    )
    return ran.stdout


def drop(option: CookieOption) -> None:
    subprocess.run(dropping(option.path, option.line, None, 0o640), check=True, timeout=BOUND)


async def ask(home: Path) -> Platform:
    ctl = home / "ejabberdctl"
    ctl.write_text(CTL.replace("@HERE@", str(home)))
    config = HostConfig("first", "local", become="none", overrides={"ejabberdctl": str(ctl)})
    return await ask_platform(open_host(config), config)


@pytest.mark.parametrize("name", VM_ARGS)
async def test_it_is_found_moved_and_taken_out(nodes: Nodes, probes: Probes, name: str) -> None:
    nodes.write_cookie("first", OWN)
    home = nodes.home("first")
    vm_args = home / "vm.args"
    vm_args.write_bytes(VM_ARGS[name].encode())
    assert cookie_of(nodes, "-args_file", str(vm_args)) == "Given"
    [found] = (await ask(home)).cookie_options
    assert (found.path, found.sha256) == (str(vm_args), hashlib.sha256(b"Given").hexdigest())

    kept = home / "moved"
    probe = await probes("first")
    await questions.cookie_of_option(probe, found.path, found.line, found.sha256, str(kept))
    assert kept.read_bytes() == b"Given"
    drop(found)
    left = vm_args.read_text()
    assert "Given" not in left
    assert left.count("\n") == VM_ARGS[name].count("\n")
    assert cookie_of(nodes, "-args_file", str(vm_args)) == OWN
    before, after = (
        set(text.split()) for text in (VM_ARGS[name].replace("'Given'", "Given"), left)
    )
    assert before - after <= {"-setcookie", '"-setcookie"', "Given"}
    assert not (await ask(home)).cookie_options


@pytest.mark.parametrize("name", NONE)
async def test_an_option_that_gives_erl_no_cookie_is_none(nodes: Nodes, name: str) -> None:
    nodes.write_cookie("first", OWN)
    home = nodes.home("first")
    (home / "vm.args").write_text(NONE[name])
    assert cookie_of(nodes, "-args_file", str(home / "vm.args")) == OWN
    assert not (await ask(home)).cookie_options


CFG = {
    "a line that goes on": 'ERL_OPTIONS="+P 9000 -setcookie \\\n  Given"\n',
    "a text of several lines": 'ERL_OPTIONS="\n  -setcookie\n  Given\n  +P 9000\n"\n',
    "quotes within": 'ERL_OPTIONS="-setcookie Given"; export ERL_OPTIONS\n',
    "an earlier one": 'ERL_OPTIONS="-setcookie Before"\nERL_OPTIONS="-setcookie Given"\n',
}


@pytest.mark.parametrize("name", CFG)
async def test_in_ejabberdctl_s_settings_too(nodes: Nodes, name: str) -> None:
    nodes.write_cookie("first", OWN)
    home = nodes.home("first")
    cfg = home / "ejabberdctl.cfg"
    shown = ["sh", "-c", '. "$1"; printf %s "$ERL_OPTIONS"', "sh", str(cfg)]

    def options() -> list[str]:
        return subprocess.check_output(shown, text=True, timeout=BOUND).split()

    cfg.write_text(CFG[name])
    assert cookie_of(nodes, *options()) == "Given"
    [found] = (await ask(home)).cookie_options
    assert found.path == str(cfg)
    before = options()
    drop(found)
    assert options() == [word for word in before if word not in ("-setcookie", "Given")]
    assert cookie_of(nodes, *options()) == OWN
    assert not (await ask(home)).cookie_options


async def test_a_variable_in_place_of_the_cookie_is_named_and_left(
    nodes: Nodes, probes: Probes
) -> None:
    nodes.write_cookie("first", OWN)
    home = nodes.home("first")
    cfg = home / "ejabberdctl.cfg"
    cfg.write_text('OURS=Given\nERL_OPTIONS="+P 9000 -setcookie $OURS"\n')
    [found] = (await ask(home)).cookie_options
    sha = hashlib.sha256(b"Given").hexdigest()
    assert (found.path, found.line, found.sha256) == (str(cfg), 2, sha)
    probe = await probes("first")
    moved = questions.cookie_of_option(probe, str(cfg), 2, sha, str(home / "moved"))
    with pytest.raises(ProbeError, match="move it by hand"):
        await moved
    assert not (home / "moved").exists()


def options_of(cfg: Path) -> list[str]:
    """The words that ejabberdctl makes of ERL_OPTIONS."""
    shown = ["sh", "-c", '. "$1"; printf %s "$ERL_OPTIONS"', "sh", str(cfg)]
    return subprocess.check_output(shown, text=True, timeout=BOUND).split()


@pytest.mark.parametrize("quote", ["'", '\\"'])
async def test_quotes_that_ejabberdctl_passes_on_are_a_part_of_the_cookie(
    nodes: Nodes, probes: Probes, quote: str
) -> None:
    nodes.write_cookie("first", OWN)
    home = nodes.home("first")
    cfg, kept = home / "ejabberdctl.cfg", home / "moved"
    cfg.write_text(f'ERL_OPTIONS="+P 9000 -setcookie {quote}Given{quote}"\n')
    options = options_of(cfg)
    cookie = cookie_of(nodes, *options)
    assert cookie == f"{quote[-1]}Given{quote[-1]}"
    [found] = (await ask(home)).cookie_options
    assert found.sha256 == hashlib.sha256(cookie.encode()).hexdigest()
    probe = await probes("first")
    await questions.cookie_of_option(probe, found.path, found.line, found.sha256, str(kept))
    assert kept.read_text() == cookie
    nodes.write_cookie("first", kept.read_text())
    assert cookie_of(nodes) == cookie, "the file gives erl the same"
    drop(found)
    assert not (await ask(home)).cookie_options
