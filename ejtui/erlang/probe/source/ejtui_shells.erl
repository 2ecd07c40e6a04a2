%% The erls of joins that outlive the line they were started over: each has a directory in the
%% home, and in it the process id of the erl.
-module(ejtui_shells).
-export([kept/0, run_erl/0]).

%% #{place, os_pid, since} of each directory, whether its erl still runs or not. Since is the
%% time of its start, in seconds since 1970.
kept() ->
    Home = ejtui_probe:setting(home),
    Names = case file:list_dir(Home) of
        {ok, Found} -> [ejtui_probe:text(Name) || Name <- Found];
        {error, _} -> []
    end,
    Places = [filename:join(Home, Name) || <<".ejtui-erl.", _/binary>> = Name <- Names],
    lists:append([in(Place) || Place <- Places]).

in(Place) ->
    File = filename:join(Place, <<"pid">>),
    case {file:read_file(File), file:read_file_info(File, [raw, {time, posix}])} of
        {{ok, Pid}, {ok, Info}} ->
            Modified = element(6, Info),
            [#{place => Place, os_pid => string:trim(Pid), since => Modified}];
        _ ->
            []
    end.

%% The program that keeps an erl, undefined where this Erlang came without it.
run_erl() ->
    Root = code:root_dir(),
    Erts = "erts-" ++ erlang:system_info(version),
    Places = [filename:join([Root, "bin"]), filename:join([Root, Erts, "bin"])],
    Found = [os:find_executable("run_erl") | [os:find_executable("run_erl", Place) || Place <- Places]],
    case [Path || Path <- Found, Path =/= false] of
        [Path | _] -> ejtui_probe:text(Path);
        [] -> undefined
    end.
