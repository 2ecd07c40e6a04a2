%% Whether a stanza that one node routes reaches a session on another.
-module(ejtui_route).
-export([reaches/3]).

%% Opens a session of a user that does not exist on Other, for a few seconds, and has Node route a
%% message to it: arrived, lost, unseen (Node does not know the session), or {error, Why}.
reaches(Node, Other, Host) ->
    User = name(),
    Resource = <<"ejtui">>,
    Bindings = [{'User', User}, {'Host', Host}, {'Resource', Resource}, {'Wait', long()}],
    Session = erpc:send_request(Other, erl_eval, exprs, [session(), Bindings]),
    Seen = seen(Node, [User, Host, Resource], Session, deadline()),
    Seen =:= true andalso send(Node, <<User/binary, $@, Host/binary, $/, Resource/binary>>, Host),
    answer(Seen, Session).

%% Closes the session whatever happens, also where nobody waits for it any more.
session() ->
    parsed("Sid = ejabberd_sm:make_sid(),"
           "ejabberd_sm:open_session(Sid, User, Host, Resource, []),"
           "try receive {route, _} -> true after Wait -> false end"
           " after ejabberd_sm:close_session(Sid, User, Host, Resource) end.").

parsed(Text) ->
    {ok, Tokens, _} = erl_scan:string(Text),
    {ok, Exprs} = erl_parse:parse_exprs(Tokens),
    Exprs.

%% The process of the session once Node knows it; the answer of a session that has ended before.
seen(Node, Session, Request, End) ->
    case ejtui_rpc:call(Node, ejabberd_sm, get_session_pid, Session, bound()) of
        {ok, Pid} when is_pid(Pid) -> true;
        _ ->
            case waited(Request) of
                {ended, Why} -> {error, Why};
                no_response ->
                    case erlang:monotonic_time(millisecond) < End of
                        true -> seen(Node, Session, Request, End);
                        false -> unseen
                    end
            end
    end.

waited(Request) ->
    try erpc:wait_response(Request, look()) of
        no_response -> no_response;
        {response, Value} -> {ended, ejtui_probe:text(Value)}
    catch _:Why -> {ended, ejtui_probe:text(Why)}
    end.

%% A message without a text, of a kind that is never stored.
send(Node, To, From) ->
    Element = {xmlel, <<"message">>,
               [{<<"type">>, <<"headline">>}, {<<"from">>, From}, {<<"to">>, To}], []},
    Decoded = ejtui_rpc:call(Node, xmpp, decode, [Element, <<"jabber:client">>, []], bound()),
    ejtui_rpc:value(ejtui_rpc:call(Node, ejabberd_router, route, [ejtui_rpc:value(Decoded)],
                                   bound())).

answer({error, Why}, _) -> {error, Why};
answer(unseen, _) -> unseen;
answer(true, Session) ->
    try erpc:receive_response(Session, long() + bound()) of
        {value, true, _} -> arrived;
        _ -> lost
    catch _:Why -> {error, ejtui_probe:text(Why)}
    end.

name() ->
    list_to_binary(["ejtui-", integer_to_list(binary:decode_unsigned(crypto:strong_rand_bytes(8)))]).

deadline() -> erlang:monotonic_time(millisecond) + long().

long() -> 5000.

bound() -> 2500.

look() -> 100.
