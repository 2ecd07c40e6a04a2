"""What is made of an ejabberdctl and its configuration, on a real /bin/sh."""

from __future__ import annotations

import getpass
import hashlib
from pathlib import Path

import pytest

from ejtui.config import HostConfig
from ejtui.hosts import HostError, NotInstalled, open_host
from ejtui.platforms import Platform, ask_platform, erl_options
from ejtui.platforms.platform import CookieOption

NEW = r"""#!/bin/sh
# define default configuration
FIREWALL_WINDOW=""
INET_DIST_INTERFACE=""
ERLANG_NODE=ejabberd@localhost
[ -z "$SCRIPT" ] && SCRIPT=$0
SCRIPT_DIR="$(cd "$(dirname "$SCRIPT")" && pwd -P)"
ERL="@HERE@/erl"
EPMD="@HERE@/epmd"
INSTALLUSER=
exit 9
case $(id -un) in
    root) echo no >&2; exit 7;;
esac
: "${CONFIG_DIR:="@HERE@/etc"}"
: "${LOGS_DIR:="@HERE@/log"}"
: "${EJABBERDCTL_CONFIG_PATH:="$CONFIG_DIR/ejabberdctl.cfg"}"
[ -f "$EJABBERDCTL_CONFIG_PATH" ] && . "$EJABBERDCTL_CONFIG_PATH"
[ -n "$ERLANG_NODE_ARG" ] && ERLANG_NODE="$ERLANG_NODE_ARG"
: "${SPOOL_DIR:="$SCRIPT_DIR/spool"}"
ERL_INETRC="$CONFIG_DIR"/inetrc
touch @HERE@/was-run
"""

OLD = r"""#!/bin/sh
ERLANG_NODE=ejabberd@localhost
ERL=@HERE@/erl
EPMD=@HERE@/epmd
INSTALLUSER=
if [ "$ETC_DIR" = "" ] ; then
    ETC_DIR=@HERE@/etc
fi
if [ "$EJABBERDCTL_CONFIG_PATH" = "" ] ; then
    EJABBERDCTL_CONFIG_PATH=$ETC_DIR/ejabberdctl.cfg
fi
if [ -f "$EJABBERDCTL_CONFIG_PATH" ] ; then
    . "$EJABBERDCTL_CONFIG_PATH"
fi
if [ "$LOGS_DIR" = "" ] ; then
    LOGS_DIR=@HERE@/log
fi
if [ "$SPOOL_DIR" = "" ] ; then
    SPOOL_DIR=@HERE@/spool
fi
if [ "$ERLANG_NODE_ARG" != "" ] ; then
    ERLANG_NODE=$ERLANG_NODE_ARG
fi
"""


# As the installer of 26.07 has it: a release, with its own Erlang.
RELEASE = r"""#!/bin/sh
export TERM='internal'
ERLANG_NODE=ejabberd@localhost
[ -z "$SCRIPT" ] && SCRIPT=$0
SCRIPT_DIR="$(cd "$(dirname "$SCRIPT")" && pwd -P)"
ERTS_VSN="erts-13.1.5"
ERL="${SCRIPT_DIR%/*}/erts-${ERTS_VSN#erts-}/bin/erl"
EPMD="${SCRIPT_DIR%/*}/erts-${ERTS_VSN#erts-}/bin/epmd"
INSTALLUSER=
: "${CONFIG_DIR:="@HERE@/etc"}"
: "${LOGS_DIR:="@HERE@/log"}"
: "${EJABBERDCTL_CONFIG_PATH:="$CONFIG_DIR/ejabberdctl.cfg"}"
[ -f "$EJABBERDCTL_CONFIG_PATH" ] && . "$EJABBERDCTL_CONFIG_PATH"
[ -n "$ERLANG_NODE_ARG" ] && ERLANG_NODE="$ERLANG_NODE_ARG"
[ "$ERLANG_NODE" = "${ERLANG_NODE%@*}" ] && ERLANG_NODE="$ERLANG_NODE@$(hostname -s)"
[ "$ERLANG_NODE" = "${ERLANG_NODE%.*}" ] && S="-s"
: "${SPOOL_DIR:="@HERE@/database/$ERLANG_NODE"}"
: "${SPOOL_DIR_OLD:="$SPOOL_DIR/$ERLANG_NODE"}"
[ -r "$SPOOL_DIR_OLD/schema.DAT" ] && [ ! -r "$SPOOL_DIR/schema.DAT" ] && SPOOL_DIR="$SPOOL_DIR_OLD"
ERLANG_OPTS="-boot ../releases/26.7.0/start_clean -boot_var RELEASE_LIB ../lib +K $POLL"
[ -n "$ERL_DIST_PORT" ] && ERLANG_OPTS="$ERLANG_OPTS -erl_epmd_port $ERL_DIST_PORT"
ERL_LIBS='${SCRIPT_DIR%/*}/lib'
"""


@pytest.fixture
def here(tmp_path: Path) -> Path:
    (tmp_path / "etc").mkdir()
    for name in ("erl", "epmd"):
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
    return tmp_path


async def ask(here: Path, text: str, cfg: str | None = None, **overrides: str) -> Platform:
    ctl = here / "ejabberdctl"
    ctl.write_text(text.replace("@HERE@", str(here)))
    if cfg is not None:
        (here / "etc" / "ejabberdctl.cfg").write_text(cfg)
    values = {"ejabberdctl": str(ctl)} | {k.replace("__", "."): v for k, v in overrides.items()}
    config = HostConfig("first", "local", become="none", overrides=values)
    return await ask_platform(open_host(config), config)


@pytest.mark.parametrize("text", [NEW, OLD], ids=["new", "old"])
async def test_ejabberdctl_is_believed_and_not_run(here: Path, text: str) -> None:
    found = await ask(here, text)
    assert found.node == "ejabberd@localhost"
    assert found.spool_dir == str(here / "spool")
    assert found.log_dir == str(here / "log")
    assert found.config_dir == str(here / "etc")
    assert found.ejabberdctl_cfg == str(here / "etc" / "ejabberdctl.cfg")
    assert (found.erl, found.epmd) == (str(here / "erl"), str(here / "epmd"))
    assert found.service_user == getpass.getuser()
    assert found.sources["spool_dir"] == "ejabberdctl"
    assert not (here / "was-run").exists()


async def test_a_name_with_windows_line_end_is_reported(here: Path) -> None:
    with pytest.raises(HostError, match="which is no node name"):
        await ask(here, NEW, "ERLANG_NODE=ejabberd@second\r\n")


async def test_where_options_give_the_address_to_listen_on_is_known(here: Path) -> None:
    option = 'ERL_FLAGS="-kernel inet_dist_use_interface {127,0,0,1}"\n'
    found = await ask(here, NEW, f"INET_DIST_INTERFACE=127.0.0.1\n{option}")
    assert found.sources["dist_interface"] == "ERL_FLAGS (ejabberdctl.cfg)"
    found = await ask(here, NEW, "INET_DIST_INTERFACE=127.0.0.1\n")
    assert "dist_interface" not in found.sources


NEWEST = (
    NEW
    + r"""
[ "$ERLANG_NODE" = "${ERLANG_NODE%@*}" ] && ERLANG_NODE="$ERLANG_NODE@$(echo second)"
: "${SPOOL_DIR_OLD:="$SPOOL_DIR/$ERLANG_NODE"}"
[ -r "$SPOOL_DIR_OLD/schema.DAT" ] && [ ! -r "$SPOOL_DIR/schema.DAT" ] && SPOOL_DIR="$SPOOL_DIR_OLD"
"""
)


@pytest.mark.parametrize("upgraded", [False, True])
async def test_mnesia_s_files_are_where_ejabberdctl_finds_them(here: Path, upgraded: bool) -> None:
    """The newest go on with a database that an older one has left one directory deeper."""
    before = here / "spool" / "ejabberd@second"
    before.mkdir(parents=True)
    if upgraded:
        (before / "schema.DAT").touch()
    found = await ask(here, NEWEST, "ERLANG_NODE=ejabberd\n")
    assert found.node == "ejabberd@second"
    assert found.spool_dir == str(before if upgraded else here / "spool")


@pytest.mark.parametrize("text", [NEW, OLD], ids=["new", "old"])
async def test_its_configuration_comes_over_it(here: Path, text: str) -> None:
    cfg = (
        "echo noise; echo noise >&2\n"
        "ERLANG_NODE=ejabberd@$(echo first)\n"
        'SPOOL_DIR="/srv/a b/$(echo x)"\nFIREWALL_WINDOW=4370-4375\n'
        "INET_DIST_INTERFACE=10.0.0.7\nERL_EPMD_ADDRESS=10.0.0.7\n"
        "EJABBERD_CONFIG_PATH=/srv/xmpp/main.yml\n"
    )
    found = await ask(here, text, cfg)
    assert found.node == "ejabberd@first"
    assert found.spool_dir == "/srv/a b/x"
    assert found.sources["node"] == found.sources["spool_dir"] == "ejabberdctl.cfg"
    assert found.dist_options == (
        *("-kernel", "inet_dist_listen_min", "4370", "inet_dist_listen_max", "4375"),
        *("-kernel", "inet_dist_use_interface", "{10,0,0,7}"),
    )
    assert found.env["ERL_EPMD_ADDRESS"] == "10.0.0.7"
    assert found.config_file == "/srv/xmpp/main.yml"
    assert "ERL_INETRC" not in found.env
    (here / "etc" / "inetrc").touch()
    if text == NEW:
        assert (await ask(here, text)).env["ERL_INETRC"] == str(here / "etc" / "inetrc")


async def test_the_configuration_of_ejtui_wins(here: Path) -> None:
    other = here / "other.cfg"
    other.write_text("ERLANG_NODE=x@y\nLOGS_DIR=/logs\n")
    found = await ask(
        here,
        NEW,
        "ERLANG_NODE=wrong@wrong\n",
        ejabberdctl_cfg=str(other),
        spool_dir="/spool",
        home="/home/x y",
        start="ctl 'a b' start",
        run_start_as="nobody",
        env__ERL_EPMD_PORT="5000",
        dist_options="-x 1",
    )
    assert (found.node, found.log_dir, found.spool_dir) == ("x@y", "/logs", "/spool")
    assert (found.home, found.start) == ("/home/x y", ("ctl", "a b", "start"))
    assert (found.run_start_as, found.dist_options) == ("nobody", ("-x", "1"))
    assert found.env["ERL_EPMD_PORT"] == "5000"
    assert found.sources["spool_dir"] == found.sources["env.ERL_EPMD_PORT"] == "configuration"
    assert (await ask(here, NEW, node="a@b")).node == "a@b"


async def test_a_name_without_a_host_gets_this_host(here: Path) -> None:
    found = await ask(here, NEW, "ERLANG_NODE=chat\n")
    assert found.node == f"chat@{found.hostname}"


async def release(here: Path, cfg: str) -> Platform:
    programs = here / "release" / "erts-13.1.5" / "bin"
    programs.mkdir(parents=True, exist_ok=True)
    (here / "release" / "bin").mkdir(exist_ok=True)
    for name in ("erl", "epmd"):
        (programs / name).write_text("#!/bin/sh\n")
        (programs / name).chmod(0o755)
    ctl = here / "release" / "bin" / "ejabberdctl"
    ctl.write_text(RELEASE.replace("@HERE@", str(here)))
    return await ask(here, RELEASE, cfg, ejabberdctl=str(ctl))


async def test_a_release_s_own_erlang_is_told_where_it_starts(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ERLANG_NODE_ARG", "somebody@else")
    found = await release(here, "ERLANG_NODE=ejabberd\n")
    boot = ("-boot", "../releases/26.7.0/start_clean", "-boot_var", "RELEASE_LIB", "../lib")
    assert found.erl == str(here / "release" / "erts-13.1.5" / "bin" / "erl")
    assert found.erl_line == (found.erl, *boot)
    assert found.env["TERM"] == "internal"
    assert found.node == f"ejabberd@{found.hostname}"
    assert found.spool_dir == str(here / "database" / found.node)
    assert (await ask(here, NEW)).erl_line == (str(here / "erl"),)


async def test_an_old_directory_is_the_one_as_long_as_the_database_lies_there(here: Path) -> None:
    spool = here / "database" / "ejabberd@first"
    old = spool / "ejabberd@first"
    old.mkdir(parents=True)
    (old / "schema.DAT").touch()
    cfg = "ERLANG_NODE=ejabberd@first\n"
    assert (await release(here, cfg)).spool_dir == str(old)
    (spool / "schema.DAT").touch()
    assert (await release(here, cfg)).spool_dir == str(spool)


@pytest.mark.parametrize(
    ("value", "option"),
    [
        ("{10,0,0,7}", "{10,0,0,7}"),
        ("::1", "{0,0,0,0,0,0,0,1}"),
        ("fe80::1:2", "{65152,0,0,0,0,0,1,2}"),
    ],
)
async def test_an_interface_becomes_a_tuple(here: Path, value: str, option: str) -> None:
    found = await ask(here, NEW, f"INET_DIST_INTERFACE={value}\nERL_DIST_PORT=5210\n")
    assert found.dist_options == (
        *("-kernel", "inet_dist_use_interface", option),
        *("-erl_epmd_port", "5210", "-start_epmd", "false"),
    )


@pytest.mark.parametrize("cfg", ["if [ ; then\n", "exit 3\n", "set -e\nfalse\n", "kill -9 $$\n"])
async def test_a_torn_configuration_ends_in_an_answer_or_a_clear_error(
    here: Path, cfg: str
) -> None:
    if "kill" in cfg:
        with pytest.raises(HostError, match="ended with code 137"):
            await ask(here, NEW, cfg)
    else:
        assert (await ask(here, NEW, cfg)).node == "ejabberd@localhost"


async def test_nothing_installed_is_said(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NotInstalled, match="no ejabberd: /nowhere/ctl is not there"):
        await ask(here, NEW, ejabberdctl="/nowhere/ctl")
    with pytest.raises(NotInstalled, match="the user nobody-here"):
        await ask(here, NEW, service_user="nobody-here")


@pytest.mark.parametrize(
    ("options", "kept"),
    [
        ("", ()),
        ("+sbwt none -env ERL_CRASH_DUMP_BYTES 0", ()),
        (
            "-proto_dist inet_tls -ssl_dist_optfile /etc/ejabberd/tls.conf -setcookie secret",
            ("-proto_dist", "inet_tls", "-ssl_dist_optfile", "/etc/ejabberd/tls.conf"),
        ),
        ("# -proto_dist inet_tls\n-proto_dist inet6_tcp\n", ("-proto_dist", "inet6_tcp")),
        (
            "-kernel net_ticktime 30 logger_level notice -name x",
            ("-kernel", "net_ticktime", "30"),
        ),
        ("-proto_dist 'torn", ("-proto_dist", "'torn")),
    ],
)
def test_of_the_options_what_meets_others_is_kept(options: str, kept: tuple[str, ...]) -> None:
    assert erl_options.distribution(options) == kept


@pytest.mark.parametrize("text", ["4200-4210", " 4200 - 4210 ", "4200 -4210"])
def test_a_window_may_have_blanks_as_ejabberdctl_s_may(text: str) -> None:
    assert erl_options.window(text)[-1] == "4210"
    assert erl_options.window(text)[2] == "4200"


async def test_options_of_the_settings_and_of_vm_args_without_their_cookie(here: Path) -> None:
    (here / "etc" / "vm.args").write_text("-proto_dist inet6_tcp\n-setcookie\n  hidden\n")
    text = f'{NEW}: "${{VMARGS:="$CONFIG_DIR/vm.args"}}"\n'
    found = await ask(here, text, 'ERL_OPTIONS="-kernel net_ticktime 30 -setcookie hidden"\n')
    assert found.dist_options == ("-kernel", "net_ticktime", "30", "-proto_dist", "inet6_tcp")


_TLS = "-proto_dist inet_tls -ssl_dist_opt server_certfile /x server_password hidden"


@pytest.mark.parametrize("where", ["ERL_OPTIONS (ejabberdctl.cfg)", "vm.args"])
async def test_a_password_of_tls_is_refused_with_where_it_stands(here: Path, where: str) -> None:
    cfg = f'ERL_OPTIONS="{_TLS}"\n' if where.startswith("ERL") else ""
    (here / "etc" / "vm.args").write_text("" if cfg else f"{_TLS}\n")
    text = f'{NEW}: "${{VMARGS:="$CONFIG_DIR/vm.args"}}"\n'
    with pytest.raises(HostError) as refused:
        await ask(here, text, cfg)
    said = str(refused.value)
    assert f"-ssl_dist_opt in {where} has a password" in said
    assert "ps shows it" in said
    assert "-ssl_dist_optfile in the same place" in said
    assert "hidden" not in said


async def test_a_cookie_of_an_option_in_effect_is_named_by_its_digest(here: Path) -> None:
    cfg = 'ERL_OPTIONS="-setcookie Before"\nERL_OPTIONS="+K true -setcookie \'Now\'"\n'
    (here / "etc" / "vm.args").write_text("# -setcookie Now\n\n-setcookie\n  Now\n")
    text = f'{NEW}: "${{VMARGS:="$CONFIG_DIR/vm.args"}}"\n'
    sha = hashlib.sha256(b"Now").hexdigest()
    etc = here / "etc"
    assert not (await ask(here, text, cfg)).cookie_options, "erl takes neither of two"
    found = await ask(here, text, "")
    assert found.cookie_options == (CookieOption(str(etc / "vm.args"), 3, sha),)
    assert "Now" not in str(found)
    (here / "etc" / "vm.args").unlink()
    found = await ask(here, text, cfg)
    sha = hashlib.sha256(b"'Now'").hexdigest()
    assert found.cookie_options == (CookieOption(str(etc / "ejabberdctl.cfg"), 2, sha),)
    found = await ask(here, text, "export ERL_ZFLAGS=\"-setcookie 'Now'\"\n")
    sha = hashlib.sha256(b"Now").hexdigest()
    assert found.cookie_options == (CookieOption(str(etc / "ejabberdctl.cfg"), 1, sha),)
    assert (await ask(here, text, "")).cookie_options == ()


def test_the_protocol_of_a_running_vm() -> None:
    words = ["-kernel", "inet_dist_use_interface", "{1,2}", "-proto_dist", "inet6_tcp"]
    assert erl_options.protocol("\n".join(words)) == ()
    assert erl_options.protocol("\n".join(words[3:])) == ("-proto_dist", "inet6_tcp")
    tls = ["-proto_dist", "inet_tls", "-ssl_dist_optfile", "/x", "-erl_epmd_port", "1"]
    assert erl_options.protocol("\n".join(tls)) == tuple(tls[:4])
