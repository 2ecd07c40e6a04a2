"""How the probe comes to life on a host: the command line, the environment, what is sent."""

from __future__ import annotations

from functools import cache
from importlib import resources

from ejtui.erlang.shell.erl import erl_env
from ejtui.erlang.terms.etf import Atom
from ejtui.erlang.terms.names import NodeName
from ejtui.platforms import Platform

LEASE_SECONDS = 120.0
"""A probe that was asked nothing for so long has lost its line, and ends."""

# Says which release of Erlang this is and reads one line, base64 of {Parts, Settings}, a part being
# a module's source or {Module, Code}; compiles the sources, loads all, and runs the probe, which
# keeps what was compiled in its settings.
# The compiler's optimizer would take longer than all that it could ever save here.
BOOTSTRAP = (
    'io:format("~nejtui:0 = ~s~n",'
    "[base64:encode(term_to_binary(list_to_binary(erlang:system_info(otp_release))))]),"
    "{Parts,Settings}=binary_to_term(base64:decode(string:trim(io:get_line(user,[])))),"
    "Form=fun(Tokens)->{ok,F}=erl_parse:parse_form(Tokens),F end,"
    "Cut=fun Cut([],_,Forms)->lists:reverse(Forms);"
    "Cut([{dot,_}=D|Rest],Tokens,Forms)->Cut(Rest,[],[Form(lists:reverse([D|Tokens]))|Forms]);"
    "Cut([T|Rest],Tokens,Forms)->Cut(Rest,[T|Tokens],Forms) end,"
    "Load=fun Load({Module,Code})->"
    "{module,Module}=code:load_binary(Module,atom_to_list(Module),Code),{Module,Code};"
    "Load(Source)->{ok,Tokens,_}=erl_scan:string(unicode:characters_to_list(Source)),"
    "{ok,Module,Code}=compile:forms(Cut(Tokens,[],[]),[no_spawn_compiler_process,no_ssa_opt]),"
    "Load({Module,Code}) end,"
    "Jobs=[spawn_monitor(fun()->exit({loaded,Load(Part)}) end)||Part<-Parts],"
    "Loaded=[receive {'DOWN',Ref,process,Pid,{loaded,Done}}->Done;"
    "{'DOWN',Ref,process,Pid,Why}->exit(Why) end||{Pid,Ref}<-Jobs],"
    "spawn(fun()->ejtui_probe:run(Settings#{loaded=>Loaded}) end)."
)


def argv(platform: Platform) -> tuple[str, ...]:
    """Quiet, small, hidden, listening nowhere, and without reading or making a cookie."""
    return (
        *platform.erl_line,
        *("-noshell", "-hidden", "-dist_listen", "false", "-nocookie"),
        *("+S", "2:2", "+sbwt", "none", "+sbwtdcpu", "none", "+sbwtdio", "none"),
        *("-kernel", "net_setuptime", "3"),
        *platform.dist_options,
        *("-eval", BOOTSTRAP),
    )


def env(platform: Platform) -> dict[str, str]:
    """Ejabberd's own, without crash dumps: the probe leaves no file."""
    return {**erl_env(platform), "ERL_CRASH_DUMP": "/dev/null", "ERL_CRASH_DUMP_SECONDS": "0"}


def settings(platform: Platform) -> dict[Atom, object]:
    """What the probe knows of its host from the start. Raises BadNodeName."""
    name = NodeName.parse(platform.node)
    return {
        Atom("node"): Atom(str(name)),
        Atom("name_style"): Atom("shortnames" if name.style == "short" else "longnames"),
        Atom("home"): platform.home,
        Atom("spool_dir"): platform.spool_dir,
        Atom("ejabberdctl"): platform.ejabberdctl,
        Atom("lease_ms"): int(LEASE_SECONDS * 1000),
    }


@cache
def sources() -> tuple[bytes, ...]:
    """The probe's Erlang modules."""
    folder = resources.files(__package__).joinpath("source")
    files = sorted(folder.iterdir(), key=lambda file: file.name)
    return tuple(file.read_bytes() for file in files if file.name.endswith(".erl"))
