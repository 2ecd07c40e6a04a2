%% From this host towards a node, layer by layer, stopping at the first that is broken:
%% resolve, epmd, port, tcp, handshake, mnesia. Every layer is bounded.
-module(ejtui_layers).
-export([to/2, handshake/1, handshake/2, names/0, names/2, resolve/1, connect/4, epmd_socket/1,
         family/0, fixed_port/0]).

%% #{node, address, port, broken, code, why, mnesia, os_pid, schema}; `broken` and `code` are
%% undefined when all is well. `os_pid` and `schema` (its cookie's digest) are those of the node that
%% answers, where Known has a cookie. `code` is one of the catalogue of what goes wrong; `posix` is the operating
%% system's word for why a connection failed, where that is why.
to(Node, Known) ->
    case climb(Node, Known) of
        #{broken := undefined} = Facts -> mnesia(Node, Facts);
        Facts -> Facts
    end.

%% The same without asking for Mnesia. A refused handshake leaves a line in the other node's log,
%% so this one does not try the same again (same cookie, same port) for some seconds.
handshake(Node) -> climb(Node, #{}).

%% The same for one who looks again and again: leaves no line where the handshake must fail.
%% Known is what is known of the other node: `cookie` is the digest of its cookie, <<>> for
%% unknown; `mark` returns what is another term once a refused handshake is worth another attempt,
%% undefined for unknown. `untried` in the answer is for a handshake that was left out by the
%% digests.
handshake(Node, Known) -> climb(Node, Known).

climb(Node, Known) ->
    Facts = #{node => Node, known => Known},
    [Name, Host] = string:split(atom_to_list(Node), "@"),
    Found = case resolve(Host) of
        {ok, Address} -> epmd(Node, Name, Address, Facts#{address => address(Address)});
        {error, Code, Why} -> broken(resolve, Code, Why, Facts)
    end,
    maps:remove(known, Found).

epmd(Node, Name, Address, Facts) ->
    case fixed_port() of
        undefined ->
            case patiently(Address) of
                {ok, Names} -> port(Node, Name, Names, Address, Facts);
                {error, silent} -> broken(epmd, 'epmd-silent', no_epmd(), Facts);
                {error, Reason} -> failed(epmd, 'epmd-unreachable', Reason, Facts)
            end;
        Port ->
            tcp(Node, Address, Port, Facts#{port => Port})
    end.

%% One packet lost on a slow line takes as long as all of the bound: silence is heard out twice.
patiently(Address) ->
    case names(Address, bound()) of
        {error, late} ->
            case names(Address, bound()) of
                {error, late} -> {error, silent};
                Second -> Second
            end;
        First ->
            First
    end.

port(Node, Name, Names, Address, Facts) ->
    case lists:keyfind(list_to_binary(Name), 1, Names) of
        {_, Port} ->
            tcp(Node, Address, Port, Facts#{port => Port});
        false ->
            Known = case Names of [] -> "none"; _ -> lists:join(", ", [N || {N, _} <- Names]) end,
            Why = ["epmd knows no ", Name, "; it knows: ", Known],
            broken(port, 'not-connected', Why, Facts)
    end.

tcp(Node, Address, Port, Facts) ->
    case connect(Address, Port, [family(), {active, false}], bound()) of
        {ok, Socket} ->
            gen_tcp:close(Socket),
            shake(Node, Facts);
        {error, econnrefused} ->
            broken(tcp, 'dist-loopback', "refused: it listens on another address, or is gone",
                   Facts);
        {error, Reason} ->
            failed(tcp, 'dist-port-blocked', Reason, Facts)
    end.

%% gen_tcp exits where the system calls an argument invalid, as it does for a blackhole route.
connect(Address, Port, Options, Bound) ->
    try gen_tcp:connect(Address, Port, Options, Bound)
    catch
        _:badarg -> {error, einval};
        _:Reason -> {error, Reason}
    end.

failed(Layer, Code, Reason, Facts) ->
    broken(Layer, Code, why(Reason), Facts#{posix => posix(Reason)}).

posix(timeout) -> etimedout;
posix(Reason) when is_atom(Reason) -> Reason;
posix(_) -> undefined.

%% Even a connection that stands is asked: the other side may have stopped.
shake(Node, #{known := Known, port := Port} = Facts) ->
    Cookie = maps:get(sha256, ejtui_dist:refresh(), none),
    _ = leads_elsewhere(Node, Facts) andalso ejtui_dist:forget(Node),
    Verdict = case lists:member(Node, nodes(connected)) of
        true -> shaken(ejtui_dist:connect(Node));
        false -> ejtui_refusals:unless_refused(Node, Cookie, Port, Known, fun() ->
            shaken(ejtui_dist:connect(Node))
        end)
    end,
    identified(Node, maps:merge(Facts, Verdict)).

%% Whether a connection that stands leads to an address that the node's host has no more: its name was
%% given another one.
leads_elsewhere(Node, #{address := Address}) ->
    case lists:keyfind(Node, 1, erlang:system_info(dist_ctrl)) of
        {_, Port} when is_port(Port) ->
            case inet:peername(Port) of
                {ok, {There, _}} ->
                    address(There) =/= Address andalso not lists:member(There, addresses(Node));
                _ ->
                    false
            end;
        _ ->
            false
    end.

addresses(Node) ->
    [_, Host] = string:split(atom_to_list(Node), "@"),
    case bounded(fun() -> inet:getaddrs(Host, family()) end) of
        {ok, Addresses} -> Addresses;
        _ -> []
    end.

%% Which VM answers under that name: it may be another than that of the host that is meant.
identified(Node, #{broken := undefined, known := #{cookie := _}} = Facts) ->
    Said = ejtui_rpc:all(Node, #{os_pid => {os, getpid, []},
                                 schema => {mnesia, table_info, [schema, cookie]}}, bound()),
    Get = fun(Key, Default) -> ejtui_rpc:value(maps:get(Key, Said), Default) end,
    Facts#{os_pid => ejtui_probe:text(Get(os_pid, "")),
           schema => ejtui_mnesia:cookie(Get(schema, undefined))};
identified(_, Facts) ->
    Facts.

shaken(up) -> well(#{});
shaken({rejected, Why}) -> broken(handshake, 'cookie-mismatch', Why, #{});
shaken({no_cookie, Code}) -> broken(handshake, Code, "no usable cookie on this host", #{});
shaken({silent, Why}) -> broken(handshake, silent_code(Why), Why, #{}).

silent_code(Why) ->
    case binary:match(Why, [<<"check_dflags">>, <<"unsupported">>]) of
        nomatch -> 'not-connected';
        _ -> 'otp-distance'
    end.

mnesia(Node, Facts) ->
    case ejtui_rpc:call(Node, mnesia, system_info, [is_running], bound()) of
        {ok, yes} ->
            well(Facts#{mnesia => yes});
        {ok, Other} ->
            Why = ["Mnesia on it runs: ", atom_to_list(Other)],
            broken(mnesia, 'not-connected', Why, Facts#{mnesia => Other});
        {error, Reason} ->
            broken(mnesia, 'not-connected', ejtui_probe:text(Reason), Facts)
    end.

well(Facts) -> Facts#{broken => undefined, code => undefined, why => undefined}.

broken(Layer, Code, Why, Facts) ->
    Facts#{broken => Layer, code => Code, why => ejtui_probe:text(Why)}.

%% {ok, Address} | {error, Code, Why}
resolve(Host) ->
    Family = family(),
    case bounded(fun() -> inet:getaddr(Host, Family) end) of
        {ok, Address} -> {ok, Address};
        {error, Reason} -> unresolved(Host, Family, Reason)
    end.

unresolved(Host, inet, Reason) ->
    case bounded(fun() -> inet:getaddr(Host, inet6) end) of
        {ok, Address} ->
            {error, 'ipv6-only', ["only an IPv6 address: ", address(Address)]};
        _ ->
            {error, unresolvable, [Host, ": ", why(Reason)]}
    end;
unresolved(Host, inet6, Reason) ->
    {error, unresolvable, [Host, " (inet6): ", why(Reason)]}.

family() ->
    case init:get_argument(proto_dist) of
        {ok, [["inet6" ++ _ | _] | _]} -> inet6;
        _ -> inet
    end.

fixed_port() ->
    case init:get_argument(erl_epmd_port) of
        {ok, [[Port | _] | _]} -> list_to_integer(Port);
        _ -> undefined
    end.

%% What this host's own epmd knows.
names() ->
    case names(loopback(), bound()) of
        {error, late} -> {error, silent};
        Said -> Said
    end.

%% A connection to this host's own epmd: {ok, Socket}, passive and binary, or {error, Posix}.
epmd_socket(Bound) ->
    Options = [family(), binary, {active, false}],
    connect(loopback(), epmd_port(), Options, Bound).

loopback() ->
    case family() of inet -> {127, 0, 0, 1}; inet6 -> {0, 0, 0, 0, 0, 0, 0, 1} end.

%% {ok, [{Name, Port}]}; {error, late} for what takes the connection and says nothing in time,
%% {error, silent} for something that is no epmd, {error, Posix}.
names(Address, Bound) ->
    Options = [family(), binary, {active, false}],
    case connect(Address, epmd_port(), Options, Bound) of
        {ok, Socket} ->
            ok = inet:setopts(Socket, [{send_timeout, Bound}]),
            _ = gen_tcp:send(Socket, <<1:16, $n>>),
            Answer = everything(Socket, <<>>, now_ms() + Bound),
            gen_tcp:close(Socket),
            listed(Answer);
        {error, Reason} ->
            {error, Reason}
    end.

everything(Socket, Got, End) when byte_size(Got) < 1000000 ->
    case gen_tcp:recv(Socket, 0, max(0, End - now_ms())) of
        {ok, Data} -> everything(Socket, <<Got/binary, Data/binary>>, End);
        {error, closed} -> Got;
        {error, timeout} -> late;
        {error, _} -> <<>>
    end;
everything(_, _, _) ->
    <<>>.

listed(late) ->
    {error, late};
listed(<<_Port:32, Lines/binary>>) ->
    try {ok, [listed_name(binary:split(Line, <<" ">>, [global]))
              || Line <- binary:split(Lines, <<"\n">>, [global, trim_all])]}
    catch
        error:_ -> {error, silent}
    end;
listed(_) ->
    {error, silent}.

listed_name([<<"name">>, Name, <<"at">>, <<"port">>, Port]) ->
    Number = binary_to_integer(Port),
    true = Number > 0 andalso Number < 65536,
    {Name, Number}.

epmd_port() ->
    case os:getenv("ERL_EPMD_PORT") of
        false -> 4369;
        Port -> list_to_integer(Port)
    end.

bounded(Fun) ->
    {Pid, Ref} = spawn_monitor(fun() -> exit({done, Fun()}) end),
    receive
        {'DOWN', Ref, process, Pid, {done, Result}} -> Result;
        {'DOWN', Ref, process, Pid, Reason} -> {error, Reason}
    after bound() ->
        exit(Pid, kill),
        {error, timeout}
    end.

address(Address) -> ejtui_probe:text(inet:ntoa(Address)).

no_epmd() -> ["something else than epmd answers on port ", integer_to_list(epmd_port())].

why(timeout) -> "no answer within 2.5 s";
why(nxdomain) -> "no such host";
why(Reason) when is_atom(Reason) -> [inet:format_error(Reason), " (", atom_to_list(Reason), ")"];
why(Reason) -> ejtui_probe:text(Reason).

now_ms() -> erlang:monotonic_time(millisecond).

bound() -> 2500.
