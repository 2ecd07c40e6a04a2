%% What is installed on this host, told without a running node.
-module(ejtui_install).
-export([ejabberd_version/0, next/1, code_paths/0]).

%% ejabberd's version by its application file, or undefined. Looked up once.
ejabberd_version() ->
    case ejtui_probe:setting(installed_ejabberd, none) of
        none ->
            Version = look(),
            ets:insert(ejtui_probe, {installed_ejabberd, Version}),
            Version;
        Version ->
            Version
    end.

%% The version that the next start of the node runs: another than the running one where the
%% package was changed under it. Looked up each time.
next(Node) ->
    Own = case lists:member(Node, nodes(connected)) of
        true -> ejtui_rpc:call(Node, code, lib_dir, [ejabberd], bound());
        false -> {error, down}
    end,
    case Own of
        {ok, Dir} when is_list(Dir) ->
            case version(filename:join(Dir, "ebin/ejabberd.app")) of
                [Version] -> Version;
                [] -> look()
            end;
        _ ->
            look()
    end.

bound() -> 2500.

look() ->
    Files = lists:flatmap(fun candidates/1, roots()),
    case lists:usort([Version || File <- Files, Version <- version(File)]) of
        [] -> undefined;
        Versions -> lists:last(Versions)
    end.

%% Where the code of all applications beside ejabberd lies.
code_paths() ->
    [filename:join(Root, Dir) || Root <- roots(), Dir <- filelib:wildcard("*/ebin", Root)].

%% The root itself is no pattern: ERL_LIBS of a release holds what no shell has expanded.
candidates(Root) ->
    Found = filelib:wildcard("ejabberd{,-*}/ebin/ejabberd.app", Root),
    [filename:join(Root, File) || File <- Found].

version(File) ->
    case file:consult(File) of
        {ok, [{application, ejabberd, Keys}]} ->
            [ejtui_probe:text(proplists:get_value(vsn, Keys, "unknown"))];
        _ ->
            []
    end.

%% Erlang's own libraries, ERL_LIBS of the environment and of the ejabberdctl script.
roots() ->
    Env = case os:getenv("ERL_LIBS") of false -> ""; Set -> Set end,
    [code:lib_dir() | string:lexemes(Env, ":")] ++ script_roots(ejtui_probe:setting(ejabberdctl)).

script_roots(Script) ->
    Pattern = "^[ \\t]*(?:export )?ERL_LIBS=['\"]?([^'\"$ \\n]+)",
    case file:read_file(Script) of
        {ok, Text} ->
            case re:run(Text, Pattern, [multiline, global, {capture, [1], list}]) of
                {match, Found} -> lists:flatmap(fun([P]) -> string:lexemes(P, ":") end, Found);
                nomatch -> []
            end;
        {error, _} ->
            []
    end.
