%% Holds the node's name at this host's epmd, so that no ejabberd can start under it: whatever
%% restarts one (a supervisor, a loop, a person) fails while files are moved. Nothing listens on
%% the port that epmd is given. The name is free again when the probe ends, however it ends.
-module(ejtui_name).
-export([hold/1, release/0]).

%% #{result => held | taken | none, why}: `taken` while a node of that name runs, `none` where
%% there is no epmd to hold it at.
hold(Node) ->
    _ = release(),
    [Name, _] = binary:split(atom_to_binary(Node, utf8), <<"@">>),
    Asker = self(),
    {Pid, Ref} = spawn_monitor(fun() -> holder(Asker, Name) end),
    receive
        {Pid, Result} -> demonitor(Ref, [flush]), Result;
        {'DOWN', Ref, process, Pid, Reason} -> result(none, ejtui_probe:text(Reason))
    end.

%% Lets go of the name, and returns when epmd knows it: released, or not_held.
release() ->
    case whereis(ejtui_name) of
        undefined ->
            not_held;
        Pid ->
            Ref = monitor(process, Pid),
            Pid ! release,
            receive {'DOWN', Ref, process, Pid, _} -> released end
    end.

holder(Asker, Name) ->
    register(ejtui_name, self()),
    case init:get_argument(erl_epmd_port) of
        error -> registered(Asker, ejtui_layers:epmd_socket(bound()), Name);
        _ -> Asker ! {self(), result(none, <<"its port is fixed, there is no epmd">>)}
    end.

registered(Asker, {error, Reason}, _) ->
    Asker ! {self(), result(none, ejtui_probe:text(Reason))};
registered(Asker, {ok, Socket}, Name) ->
    ok = gen_tcp:send(Socket, request(Name)),
    case gen_tcp:recv(Socket, 2, bound()) of
        {ok, <<_, 0>>} ->
            Asker ! {self(), result(held, undefined)},
            kept(Socket);
        {ok, _} ->
            Asker ! {self(), result(taken, <<"a node of that name is registered">>)};
        {error, Reason} ->
            Asker ! {self(), result(none, ejtui_probe:text(Reason))}
    end,
    gen_tcp:close(Socket).

%% epmd drops a name when its connection is closed; one that drops by itself is gone with epmd.
kept(Socket) ->
    ok = inet:setopts(Socket, [{active, true}]),
    kept_on(Socket).

kept_on(Socket) ->
    receive
        release -> ok;
        {tcp_closed, Socket} -> ok;
        {tcp_error, Socket, _} -> ok;
        {tcp, Socket, _} -> kept_on(Socket)
    end.

%% ALIVE2_REQ: port, kind (a hidden node), protocol, highest and lowest version, name, extra.
request(Name) ->
    Body = <<120, (port()):16, 72, 0, 6:16, 5:16, (byte_size(Name)):16, Name/binary, 0:16>>,
    <<(byte_size(Body)):16, Body/binary>>.

result(Result, Why) -> #{result => Result, why => Why}.

%% Reserved, and in use nowhere.
port() -> 1.

bound() -> 2500.
