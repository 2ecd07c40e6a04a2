%% Holds the node's name at this host's epmd, so that no ejabberd can start under it: whatever
%% restarts one (a supervisor, a loop, a person) fails while files are moved. Nothing listens on
%% the port that epmd is given. Where the port is fixed and no epmd is asked, that port is held: a
%% VM that cannot listen there does not start. Both are free again when the probe ends, however it
%% ends.
-module(ejtui_name).
-export([hold/1, release/0, is_held/0]).

%% #{result => held | taken | none, why}: `taken` while a node of that name runs, or something
%% listens on its fixed port; `none` where there is no epmd to hold it at.
hold(Node) ->
    _ = release(),
    [Name, _] = binary:split(atom_to_binary(Node, utf8), <<"@">>),
    Asker = self(),
    {Pid, Ref} = spawn_monitor(fun() -> holder(Asker, Name) end),
    receive
        {Pid, Result} -> demonitor(Ref, [flush]), Result;
        {'DOWN', Ref, process, Pid, Reason} -> result(none, ejtui_probe:text(Reason))
    end.

is_held() -> whereis(ejtui_name) =/= undefined.

%% Lets go of the name, and returns when epmd has forgotten it: released, or not_held.
release() ->
    case whereis(ejtui_name) of
        undefined ->
            not_held;
        Pid ->
            Ref = monitor(process, Pid),
            Pid ! {release, self()},
            receive
                {Pid, Name} -> forgotten(Name, 40);
                {'DOWN', Ref, process, Pid, _} -> ok
            end,
            demonitor(Ref, [flush]),
            released
    end.

%% epmd drops the name when it sees that the connection is closed.
forgotten(_, 0) -> ok;
forgotten(Name, Looks) ->
    case ejtui_layers:names() of
        {ok, Names} ->
            case lists:member({Name, port()}, Names) of
                true -> timer:sleep(25), forgotten(Name, Looks - 1);
                false -> ok
            end;
        _ ->
            ok
    end.

holder(Asker, Name) ->
    register(ejtui_name, self()),
    case ejtui_layers:fixed_port() of
        undefined -> registered(Asker, ejtui_layers:epmd_socket(bound()), Name);
        Port -> listening(Asker, Port, Name)
    end.

%% As a VM listens for its distribution, on every address.
listening(Asker, Port, Name) ->
    case gen_tcp:listen(Port, [ejtui_layers:family(), {active, false}, {reuseaddr, true}]) of
        {ok, Socket} ->
            spawn_link(fun() -> turned_away(Socket) end),
            Asker ! {self(), result(held, undefined)},
            receive
                {release, From} -> ok = gen_tcp:close(Socket), From ! {self(), Name}
            end;
        {error, eaddrinuse} ->
            Asker ! {self(), result(taken, <<"something listens on the node's fixed port">>)};
        {error, Reason} ->
            Asker ! {self(), result(none, ejtui_probe:text(Reason))}
    end.

%% Other nodes that look for this one are not left to wait.
turned_away(Socket) ->
    case gen_tcp:accept(Socket) of
        {ok, Caller} -> gen_tcp:close(Caller), turned_away(Socket);
        {error, closed} -> ok;
        {error, _} -> timer:sleep(25), turned_away(Socket)
    end.

registered(Asker, {error, Reason}, _) ->
    Asker ! {self(), result(none, ejtui_probe:text(Reason))};
registered(Asker, {ok, Socket}, Name) ->
    ok = gen_tcp:send(Socket, request(Name)),
    case gen_tcp:recv(Socket, 2, bound()) of
        {ok, <<_, 0>>} ->
            Asker ! {self(), result(held, undefined)},
            kept(Socket, Name);
        {ok, _} ->
            Asker ! {self(), result(taken, <<"a node of that name is registered">>)};
        {error, Reason} ->
            Asker ! {self(), result(none, ejtui_probe:text(Reason))}
    end,
    gen_tcp:close(Socket).

%% epmd drops a name when its connection is closed; one that drops by itself is gone with epmd.
kept(Socket, Name) ->
    ok = inet:setopts(Socket, [{active, true}]),
    kept_on(Socket, Name).

kept_on(Socket, Name) ->
    receive
        {release, Asker} -> gen_tcp:close(Socket), Asker ! {self(), Name};
        {tcp_closed, Socket} -> ok;
        {tcp_error, Socket, _} -> ok;
        {tcp, Socket, _} -> kept_on(Socket, Name)
    end.

%% ALIVE2_REQ: port, kind (a hidden node), protocol, highest and lowest version, name, extra.
request(Name) ->
    Body = <<120, (port()):16, 72, 0, 6:16, 5:16, (byte_size(Name)):16, Name/binary, 0:16>>,
    <<(byte_size(Body)):16, Body/binary>>.

result(Result, Why) -> #{result => Result, why => Why}.

%% Reserved, and in use nowhere.
port() -> 1.

bound() -> 2500.
