import shlex
from dataclasses import replace

import pytest

from ejtui.erlang.probe import bootstrap
from ejtui.erlang.shell.erl import erl_argv, erl_env, remote_shell_argv, shown
from ejtui.erlang.terms.names import BadNodeName
from ejtui.platforms import Platform

_PLATFORM = Platform(
    kind="openbsd",
    node="ejabberd@second",
    home="/var/db/ejabberd",
    spool_dir="/var/db/ejabberd/ejabberd",
    log_dir="/var/log/ejabberd",
    config_dir="/etc/ejabberd",
    service_user="_ejabberd",
    erl="/usr/local/bin/erl",
    epmd="/usr/local/bin/epmd",
    ejabberdctl="/usr/local/sbin/ejabberdctl",
    ejabberdctl_cfg="/etc/ejabberd/ejabberdctl.cfg",
    hostname="second",
    start=(),
    stop=(),
    run_start_as="root",
    env={"ERL_EPMD_PORT": "4370"},
    dist_options=("-kernel", "inet_dist_listen_min", "4200"),
    sources={},
)


def test_the_documented_command_without_a_cookie() -> None:
    argv = erl_argv(_PLATFORM, extra_db_nodes=["ejabberd@first"])
    assert shown(argv) == (
        "/usr/local/bin/erl -sname ejabberd@second -kernel inet_dist_listen_min 4200 "
        "-mnesia dir '\"/var/db/ejabberd/ejabberd\"' "
        "-mnesia extra_db_nodes '[ejabberd@first]' -s mnesia"
    )


def test_a_long_name_takes_the_long_flag_and_quotes_the_atom() -> None:
    platform = replace(_PLATFORM, node="ejabberd@b.example")
    argv = erl_argv(platform, extra_db_nodes=["ejabberd@a.example"])
    assert argv[1:3] == ("-name", "ejabberd@b.example")
    assert "['ejabberd@a.example']" in argv


def test_hostile_paths_stay_one_argument() -> None:
    platform = replace(_PLATFORM, spool_dir='/a b/"$(id)"')
    argv = erl_argv(platform)
    assert r'"/a b/\"$(id)\""' in argv
    assert tuple(shlex.split(shown(argv))) == argv


def test_a_hostile_node_name_never_gets_into_a_command() -> None:
    with pytest.raises(BadNodeName):
        erl_argv(_PLATFORM, extra_db_nodes=["x'],halt().@first"])


def test_home_leads_erl_to_the_cookie() -> None:
    assert erl_env(_PLATFORM) == {"ERL_EPMD_PORT": "4370", "HOME": "/var/db/ejabberd"}
    assert shown(["erl"], {"HOME": "/a b"}) == "HOME='/a b' erl"


def test_a_shell_on_the_node_itself() -> None:
    argv = remote_shell_argv(_PLATFORM, "ejtui_shell")
    assert argv[1:4] == ("-sname", "ejtui_shell@second", "-hidden")
    assert argv[-2:] == ("-remsh", "ejabberd@second")


def test_a_release_s_erl_is_told_where_it_starts_whatever_it_is_for() -> None:
    boot = ("-boot", "../releases/1/start_clean")
    platform = replace(_PLATFORM, boot_options=boot)
    assert erl_argv(platform)[:3] == (platform.erl, *boot)
    assert remote_shell_argv(platform, "own")[:3] == (platform.erl, *boot)
    assert bootstrap.argv(platform)[:3] == (platform.erl, *boot)


@pytest.mark.parametrize(
    ("options", "listens"),
    [
        ((), True),
        (("-kernel", "inet_dist_listen_min", "4370", "inet_dist_listen_max", "4379"), True),
        (("-kernel", "inet_dist_listen_min", "4370", "inet_dist_listen_max", "4370"), False),
        (("-erl_epmd_port", "5210", "-start_epmd", "false"), False),
    ],
)
def test_a_shell_inside_does_not_want_the_only_port(
    options: tuple[str, ...], listens: bool
) -> None:
    argv = remote_shell_argv(replace(_PLATFORM, dist_options=options), "look")
    assert ("-dist_listen" not in argv) == listens
