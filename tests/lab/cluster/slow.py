"""An ejabberd whose start takes as long as a test likes: an extra module, started last."""

from __future__ import annotations

from ejtui.lab.faults.node import LabNode
from ejtui.lab.lab import Lab

LINE = "converting what a test converts"

_SOURCE = f"""
-module(mod_slow).
-behaviour(gen_mod).
-export([start/2, stop/1, depends/2, mod_options/1, mod_doc/0]).

start(_, _) ->
    error_logger:warning_msg("{LINE}", []),
    wait().

wait() ->
    case file:read_file_info("/run/ejtui-slow/go") of
        {{ok, _}} -> ok;
        _ -> timer:sleep(50), wait()
    end.

stop(_) -> ok.
depends(_, _) -> [].
mod_options(_) -> [].
mod_doc() -> #{{}}.
"""

_PLACE = "/run/ejtui-slow"


def make_slow(lab: Lab, host: str) -> None:
    """From its next start on, ejabberd on the host starts until `let_go` is called."""
    node = LabNode(lab, host)
    node.script('mkdir -p "$1"; rm -f "$1/go"; cat > "$1/mod_slow.erl"; cd "$1"; '
                'erlc +debug_info mod_slow.erl; chmod -R a+rX "$1"',
                _PLACE, stdin=_SOURCE.encode())  # fmt: skip
    node.configure(ERL_OPTIONS=f"-pa {_PLACE}")
    node.script("sed -i 's/^modules:/modules:\\n  mod_slow: {}/' /etc/ejabberd/ejabberd.yml")


def let_go(lab: Lab, host: str) -> None:
    """The start that waits ends, and later ones do not wait."""
    LabNode(lab, host).script('touch "$1/go"', _PLACE)


def undo(lab: Lab, host: str) -> None:
    """Nothing is left of it but the lines in the configuration, which a reset replaces."""
    LabNode(lab, host).script('rm -rf "$1"', _PLACE)
