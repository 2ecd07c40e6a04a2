%% What decides how this host's ejabberd reads its ejabberd.yml beside the file: variables of its
%% environment, and where it looks for code. Of a VM that runs they are its own; where it is stopped,
%% they are what the service manager and ejabberdctl's settings give the next one.
-module(ejtui_start).
-export([environment/1, code_paths/1, other_files/1, unread/1, broken/2]).

%% [{Name, Value}] for the environment of another VM; they may be secret.
environment(Node) ->
    Own = lists:map(fun pair/1, asked(Node, os, getenv, [], [])),
    reading(case runs(Node) of
        true -> Own;
        false -> Next = settings(), Next ++ options_environment(Next) ++ Own
    end).

%% [{File, Reason}]: files that the service manager reads for the next VM, as root, and that this user
%% cannot read; none where ejabberd runs. One that may be missing counts where it is there.
unread(Node) ->
    Files = case runs(Node) of true -> []; false -> environment_files() end,
    [{ejtui_probe:text(File), ejtui_probe:text(Reason)}
     || {File, Needed} <- Files, {error, Reason} <- [file:read_file(File)],
        Needed orelse Reason =/= enoent].

%% What Program, a shell's, prints of ejabberdctl and its settings, of at most Most bytes each.
broken(Program, Most) ->
    Files = [unicode:characters_to_list(ejtui_probe:setting(Name, <<>>))
             || Name <- [ejabberdctl, ejabberdctl_cfg]],
    Args = ["-c", unicode:characters_to_list(Program), "syntax"]
        ++ Files ++ [integer_to_list(Most)],
    case ejtui_reader:output("sh", Args, [{cd, "/"}], bound()) of
        undefined -> <<>>;
        Said -> Said
    end.

%% Absolute names, in the order of the code path; beside those of the installation only directories
%% about which root and this user alone decide.
code_paths(Node) ->
    Directory = asked(Node, file, get_cwd, [], {ok, "/"}),
    Own = [filename:absname(Path, element(2, Directory))
           || Path <- asked(Node, code, get_path, [], []), Path =/= "."],
    Next = case runs(Node) of true -> []; false -> next_paths(settings()) end,
    Added = [Path || Path <- others(Own ++ Next), trusted(Path)],
    [ejtui_probe:text(Path) || Path <- unique(Added ++ others(ejtui_install:code_paths()))].

%% The settings that others' modules bring, which ejabberd reads with its own file.
other_files(Node) ->
    Files = case runs(Node) of
        true -> asked(Node, ext_mod, modules_configs, [], []);
        false -> next_files(maps:from_list(settings()))
    end,
    lists:sort([ejtui_probe:text(File) || File <- Files]).

next_files(Set) ->
    Root = modules_root(Set),
    Own = case maps:get("CONTRIB_MODULES_CONF_DIR", Set, "") of
        "" -> filename:join(Root, "conf");
        Directory -> Directory
    end,
    filelib:wildcard(Own ++ "/*.{yml,yaml}") ++ filelib:wildcard(Root ++ "/*/conf/*.{yml,yaml}").

%% Whether ejabberd runs there: an erl shell can have the node's name, too.
runs(Node) -> is_pid(asked(Node, erlang, whereis, [ejabberd_sup], undefined)).

asked(Node, Module, Function, Args, Else) ->
    case lists:member(Node, nodes(connected)) of
        true -> ejtui_rpc:value(ejtui_rpc:call(Node, Module, Function, Args, bound()), Else);
        false -> Else
    end.

%% Those that are not Erlang's own.
others(Paths) -> [Path || Path <- Paths, not lists:prefix(code:lib_dir() ++ "/", Path)].

pair(Line) ->
    {Name, Value} = lists:splitwith(fun(Char) -> Char =/= $= end, Line),
    {Name, case Value of [$= | Rest] -> Rest; [] -> "" end}.

%% The reader looks for modules of others where these say.
reading(Pairs) ->
    [Pair || {Name, Value} = Pair <- unique_names(Pairs), is_read(Name),
             lists:prefix("EJABBERD_MACRO_", Name) orelse (Value =/= "" andalso trusted(Value))].

is_read("EJABBERD_MACRO_" ++ _) -> true;
is_read(Name) -> lists:member(Name, ["CONTRIB_MODULES_PATH", "CONTRIB_MODULES_CONF_DIR"]).

%% The one that is given last counts.
unique_names(Pairs) -> maps:to_list(maps:from_list(Pairs)).

unique([Path | Rest]) -> [Path | unique([Each || Each <- Rest, Each =/= Path])];
unique([]) -> [].

%% The variables of the next start, asked of the service manager and of ejabberdctl's settings.
settings() ->
    Program = unicode:characters_to_list(ejtui_probe:setting(start_settings, <<>>)),
    Cfg = unicode:characters_to_list(ejtui_probe:setting(ejabberdctl_cfg, <<>>)),
    Unit = unit_environment(),
    Args = ["-c", Program, "start", Cfg],
    case ejtui_reader:output("sh", Args, [{cd, "/"}, {env, Unit}], bound()) of
        undefined -> Unit;
        Said -> Unit ++ [pair(characters(Line))
                         || Line <- binary:split(Said, <<0>>, [global]), Line =/= <<>>]
    end.

characters(Bytes) ->
    case unicode:characters_to_list(Bytes) of
        Text when is_list(Text) -> Text;
        _ -> binary_to_list(Bytes)
    end.

unit_environment() ->
    case filelib:is_dir("/run/systemd/system") of
        true ->
            [pair(Word) || Word <- ejtui_words:shown(shows("Environment"))]
                ++ lists:flatmap(fun of_file/1, environment_files());
        false -> []
    end.

%% [{File, Whether systemd refuses a start without it}]; what matches no file is one that is missing.
environment_files() ->
    case filelib:is_dir("/run/systemd/system") of
        true -> lists:flatmap(fun matching/1, string:lexemes(shows("EnvironmentFiles"), "\n"));
        false -> []
    end.

matching(Line) ->
    [Pattern | Ignores] = string:split(Line, " (ignore_errors=", trailing),
    Found = case filelib:wildcard(Pattern) of [] -> [Pattern]; Files -> Files end,
    [{File, Ignores =/= ["yes)"]} || File <- Found].

shows(Property) ->
    Unit = unicode:characters_to_list(ejtui_probe:setting(unit)),
    Args = ["show", "-p", Property, "--value", Unit],
    case ejtui_os:run("systemctl", Args, bound()) of
        {0, Said} -> characters(Said);
        _ -> ""
    end.

of_file({Path, _}) ->
    case file:read_file(Path) of
        {ok, Text} -> ejtui_words:assignments(characters(Text));
        {error, _} -> []
    end.

%% What erl's own options put into its environment.
options_environment(Pairs) ->
    [{Name, Value} || {"-env", [Name, Value | _]} <- options(Pairs)].

%% As code has them: what -pa names comes first, the last one in front; what -pz names comes last.
next_paths(Pairs) ->
    Options = options(Pairs),
    First = lists:reverse([Path || {"-pa", Paths} <- Options, Path <- Paths]),
    Last = [Path || {"-pz", Paths} <- Options, Path <- Paths],
    Directory = unicode:characters_to_list(ejtui_probe:setting(spool_dir)),
    Set = maps:from_list(Pairs ++ options_environment(Pairs)),
    Paths = First ++ libraries(Set) ++ Last ++ contributed(Set),
    [filename:absname(Path, Directory) || Path <- Paths].

libraries(Set) ->
    [filename:join(Root, Dir) || Root <- string:lexemes(maps:get("ERL_LIBS", Set, ""), ":"),
                                 trusted(Root), Dir <- filelib:wildcard("*/ebin", Root)].

contributed(Set) ->
    Root = modules_root(Set),
    [filename:join(Root, Dir) || trusted(Root), Pattern <- ["*/ebin", "*/deps/*/ebin"],
                                 Dir <- filelib:wildcard(Pattern, Root)].

modules_root(Set) ->
    Home = unicode:characters_to_list(ejtui_probe:setting(home)),
    case maps:get("CONTRIB_MODULES_PATH", Set, "") of
        "" -> filename:join(Home, ".ejabberd-modules");
        Own -> Own
    end.

%% [{Option, Words}] in the order that erl takes them.
options(Pairs) ->
    Set = maps:from_list(Pairs),
    Texts = [maps:get(Name, Set, "") || Name <- ["ERL_AFLAGS", "ERL_OPTIONS"]]
        ++ [arguments(maps:get("VMARGS", Set, ""))]
        ++ [maps:get(Name, Set, "") || Name <- ["ERL_FLAGS", "ERL_ZFLAGS"]],
    ejtui_words:options(lists:flatmap(fun ejtui_words:arguments/1, Texts)).

arguments("") ->
    case ejtui_probe:setting(config_dir, <<>>) of
        <<>> -> "";
        Directory -> arguments(filename:join(unicode:characters_to_list(Directory), "vm.args"))
    end;
arguments(Path) ->
    case file:read_file(Path) of
        {ok, Text} -> characters(Text);
        {error, _} -> ""
    end.

trusted(Path) -> ejtui_unsafe:trusted(Path).

bound() -> 5000.
