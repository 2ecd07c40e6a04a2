%% Acts on this host's node: its cookie, its end.
-module(ejtui_control).
-export([set_cookie/1, stop_node/0]).

%% Tells the running virtual machine the cookie that the file holds now. OldFile (undefined for
%% none) has the one it may still run with. #{result, sha256}: done, already, or down.
set_cookie(OldFile) ->
    Node = ejtui_dist:node_name(),
    case ejtui_cookie:read(ejtui_cookie:file()) of
        {none, #{error := Code, path := Path}} -> ejtui_probe:refuse(Code, Path);
        {Cookie, _} -> tell(Node, Cookie, reach(Node, OldFile))
    end.

tell(_, Cookie, down) ->
    #{result => down, sha256 => ejtui_cookie:digest(Cookie)};
tell(Node, Cookie, up) ->
    Before = ejtui_rpc:value(ejtui_rpc:call(Node, erlang, get_cookie, [], bound())),
    Result = case Before of
        Cookie -> already;
        _ -> told(Node, Cookie)
    end,
    #{result => Result, sha256 => ejtui_cookie:digest(Cookie)}.

told(Node, Cookie) ->
    _ = ejtui_rpc:value(ejtui_rpc:call(Node, erlang, set_cookie, [Node, Cookie], bound())),
    ejtui_dist:forget(Node),
    case ejtui_dist:connect(Node) of
        up -> done;
        {_, Why} -> ejtui_probe:refuse('cookie-mismatch', ejtui_probe:text(Why))
    end.

reach(Node, OldFile) ->
    case ejtui_snapshot:vm(Node) of
        #{vm := down} -> down;
        #{vm := up} -> up;
        #{vm := rejected, vm_why := Why} -> reach_with(Node, OldFile, Why);
        #{vm_code := Code, vm_why := Why} -> ejtui_probe:refuse(Code, Why)
    end.

reach_with(_, undefined, Why) ->
    ejtui_probe:refuse('cookie-mismatch', Why);
reach_with(Node, OldFile, Why) ->
    case ejtui_cookie:read(OldFile) of
        {none, _} ->
            ejtui_probe:refuse('cookie-mismatch', Why);
        {Old, _} ->
            case ejtui_dist:with_cookie(Node, Old, fun() -> ejtui_dist:connect(Node) end) of
                up -> up;
                {_, Again} -> ejtui_probe:refuse('cookie-mismatch', ejtui_probe:text(Again))
            end
    end.

%% Ends the host's node: init:stop where it can be asked, SIGTERM otherwise; waits until the
%% process is gone. #{how, os_pid}.
stop_node() ->
    Node = ejtui_dist:node_name(),
    case ejtui_dist:connect(Node) of
        up -> stop_asked(Node, ejtui_rpc:call(Node, os, getpid, [], bound()));
        _ -> stop_signalled(pid_of(Node))
    end.

stop_asked(Node, {ok, Text}) ->
    Pid = list_to_binary(Text),
    _ = ejtui_rpc:value(ejtui_rpc:call(Node, init, stop, [], bound())),
    gone('init:stop', Pid);
stop_asked(Node, {error, _}) ->
    ejtui_dist:forget(Node),
    stop_signalled(pid_of(Node)).

pid_of(Node) -> ejtui_os:pid_of(Node, ejtui_probe:setting(spool_dir)).

stop_signalled(undefined) ->
    #{how => not_running, os_pid => undefined};
stop_signalled(Pid) ->
    ejtui_os:terminate(Pid) =:= 0
        orelse ejtui_probe:refuse(not_permitted, ["may not end process ", Pid]),
    gone(sigterm, Pid).

gone(How, Pid) -> gone(How, Pid, erlang:monotonic_time(millisecond) + stop_bound()).

gone(How, Pid, End) ->
    case ejtui_os:alive(Pid) of
        false ->
            #{how => How, os_pid => Pid};
        true ->
            erlang:monotonic_time(millisecond) < End
                orelse ejtui_probe:refuse(still_running, ["process ", Pid, " after ",
                                                          ejtui_probe:text(How)]),
            receive after poll() -> gone(How, Pid, End) end
    end.

bound() -> 2500.

%% A node that cannot reach another any more ends when its net_ticktime (60 s) has passed.
stop_bound() -> 120000.

poll() -> 100.
