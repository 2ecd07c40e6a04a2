%% Being a node oneself: hidden, never listening (so that no port is opened and epmd is not
%% needed), with the cookie of the host's file, read again whenever it is asked for.
-module(ejtui_dist).
-export([start/0, refresh/0, connect/1, node_name/0, forget/1, with_cookie/3]).

start() ->
    Me = self(),
    Begin = fun() ->
        register(ejtui_dist, self()),
        ets:new(ejtui_dist, [named_table, public]),
        _ = ejtui_slot:number(),
        Me ! ready,
        loop(none)
    end,
    spawn_link(Begin),
    receive ready -> ok end.

%% The Erlang node of this host.
node_name() -> ejtui_probe:setting(node).

%% The facts of the cookie file, after the probe has taken up what it holds now. The connection to
%% the host's own node stays (it may still run with the old one); those to others are made anew,
%% so that they tell whether the new one fits.
refresh() ->
    Ref = make_ref(),
    ejtui_dist ! {refresh, self(), Ref},
    receive {Ref, Facts} -> Facts end.

%% up, {rejected, Why}, {silent, Why} (no answer, or not in time), {no_cookie, Code}.
connect(Node) ->
    case lists:member(Node, nodes(connected)) of
        true ->
            answering(Node);
        false ->
            Facts = refresh(),
            case erlang:is_alive() of
                true -> dial(Node);
                false -> {no_cookie, maps:get(error, Facts, 'cookie-missing')}
            end
    end.

%% A connection that stands may lead to a node that has stopped; it is dropped then, so that the
%% next look dials anew.
answering(Node) ->
    case ejtui_rpc:call(Node, erlang, node, [], bound()) of
        {ok, Node} ->
            up;
        {error, _} ->
            forget(Node),
            {silent, <<"connected, but it answers nothing within 2.5 s">>}
    end.

%% Drops the connection to a node that has stopped answering, so that the next look dials anew.
forget(Node) -> erlang:disconnect_node(Node).

%% Runs Fun while Node is dialled with another cookie than the file's.
with_cookie(Node, Cookie, Fun) ->
    ets:insert(ejtui_dist, {{dialled, Node}, apart}),
    true = erlang:set_cookie(Node, Cookie),
    try Fun()
    after
        erlang:set_cookie(Node, erlang:get_cookie())
    end.

dial(Node) ->
    ets:delete(ejtui_dist, Node),
    case net_kernel:connect_node(Node) of
        true -> up;
        _ -> why(Node, 20)
    end.

%% The tracer may hear of the end a moment after net_kernel told us.
why(_, 0) ->
    {silent, <<"no connection">>};
why(Node, Tries) ->
    case ets:lookup(ejtui_dist, Node) of
        [{_, Reason}] -> verdict(Reason);
        [] -> receive after 5 -> why(Node, Tries - 1) end
    end.

%% What dist_util ends a failed handshake with, in OTP 23 to 29.
verdict({recv_challenge_ack_failed, _}) -> {rejected, cookie()};
verdict({recv_challenge_ack_failed, _, _}) -> {rejected, cookie()};
verdict(bad_challenge_ack) -> {rejected, cookie()};
verdict({recv_challenge_failed, {error, closed}}) -> {rejected, <<"it refuses connections">>};
verdict({recv_status_failed, {error, closed}}) -> {rejected, <<"it refuses connections">>};
verdict(setup_timer_timeout) -> {silent, <<"it accepts, but does not shake hands within 3 s">>};
verdict(Reason) -> {silent, ejtui_probe:text(Reason)}.

cookie() -> <<"it refused the connection: its cookie differs">>.

loop(Cookie) ->
    receive
        {refresh, From, Ref} ->
            {Now, Facts} = ejtui_cookie:read(ejtui_cookie:file()),
            Next = take(Now, Cookie),
            From ! {Ref, Facts},
            loop(Next);
        {trace, _, spawn, Pid, {_, _, Args}} ->
            remember(Pid, Args),
            loop(Cookie);
        {trace, Pid, exit, Reason} ->
            ended(Pid, Reason),
            loop(Cookie);
        _ ->
            loop(Cookie)
    end.

take(none, Cookie) ->
    Cookie;
take(Cookie, Cookie) ->
    Cookie;
take(Cookie, Before) ->
    case erlang:is_alive() orelse begin_node() of
        true ->
            true = erlang:set_cookie(node(), Cookie),
            %% with_cookie/3 leaves a cookie for a node alone, which would outlast this change.
            Dialled = [Node || [Node] <- ets:match(ejtui_dist, {{dialled, '$1'}, '_'})],
            _ = [true = erlang:set_cookie(Node, Cookie) || Node <- [node_name() | Dialled]],
            _ = [forget(Node) || Node <- nodes(connected), Node =/= node_name()],
            Cookie;
        false ->
            Before
    end.

%% net_kernel:start/1 takes a list in every release; -hidden, -dist_listen false and -nocookie
%% on the command line do the rest, so that auth neither reads nor creates a cookie file.
begin_node() ->
    [_, Host] = string:split(atom_to_list(node_name()), "@"),
    Name = list_to_atom(binary_to_list(ejtui_slot:name()) ++ "@" ++ Host),
    case net_kernel:start([Name, ejtui_probe:setting(name_style)]) of
        {ok, _} -> watch_handshakes(), true;
        {error, _} -> false
    end.

%% net_kernel says only that a connection failed; the process that set it up ends with why.
watch_handshakes() ->
    erlang:trace(whereis(net_kernel), true, [procs, set_on_spawn, {tracer, self()}]).

remember(Pid, Args) when is_list(Args) ->
    case [Arg || Arg <- Args, is_atom(Arg), is_node_name(Arg), Arg =/= node()] of
        [Node | _] -> put(Pid, Node);
        [] -> ok
    end;
remember(_, _) ->
    ok.

ended(Pid, Reason) ->
    case erase(Pid) of
        undefined -> ok;
        Node -> ets:insert(ejtui_dist, {Node, Reason})
    end.

is_node_name(Atom) -> lists:member($@, atom_to_list(Atom)).

bound() -> 2500.
