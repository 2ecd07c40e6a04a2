%% Calls to exported functions of other nodes: many at once, and every one bounded.
-module(ejtui_rpc).
-export([call/5, watched/5, all/3, value/1, value/2, map/2]).

%% One call: {ok, Value} or {error, Reason}, within Bound milliseconds.
call(Node, M, F, A, Bound) ->
    #{one := Answer} = all(Node, #{one => {M, F, A}}, Bound),
    Answer.

%% All calls at once: the same keys with {ok, Value} or {error, Reason}.
all(Node, Calls, Bound) ->
    End = now_ms() + Bound,
    Sent = maps:map(fun(_, {M, F, A}) -> erpc:send_request(Node, M, F, A) end, Calls),
    maps:map(fun(_, Request) -> received(Request, max(0, End - now_ms())) end, Sent).

%% One call without a bound of its own; Look() is called now and then while it is under way.
watched(Node, M, F, A, Look) ->
    watched(erpc:send_request(Node, M, F, A), Look).

watched(Request, Look) ->
    case told(fun() -> erpc:wait_response(Request, look_after()) end) of
        {ok, no_response} -> Look(), watched(Request, Look);
        {ok, {response, Value}} -> {ok, Value};
        {error, Reason} -> {error, Reason}
    end.

received(Request, Left) ->
    told(fun() -> erpc:receive_response(Request, Left) end).

told(Receive) ->
    try {ok, Receive()}
    catch
        throw:Thrown -> {error, Thrown};
        exit:{exception, Reason} -> {error, Reason};
        exit:{signal, Reason} -> {error, Reason};
        error:{exception, Reason, _Stack} -> {error, Reason};
        error:{erpc, Reason} -> {error, Reason}
    end.

value({ok, Value}) -> Value;
value({error, Reason}) -> ejtui_probe:refuse(rpc, ejtui_probe:text(Reason)).

value({ok, Value}, _) -> Value;
value({error, _}, Default) -> Default.

%% Fun over Items, each in a linked process; the results in order.
map(Fun, Items) ->
    Me = self(),
    Workers = [spawn_link(fun() -> Me ! {self(), Fun(Item)} end) || Item <- Items],
    [receive {Worker, Result} -> Result end || Worker <- Workers].

now_ms() -> erlang:monotonic_time(millisecond).

look_after() -> 250.
