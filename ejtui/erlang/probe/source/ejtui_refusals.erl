%% Handshakes that another node refused, or would refuse: each leaves a line in that node's log. What
%% must fail again is not tried again, and what must fail is not tried at all.
-module(ejtui_refusals).
-export([unless_refused/5]).

%% The verdict of Shake(), or of the last one that Node refused where nothing has changed since: not
%% the cookie here, nor the port there, nor what is Known of it. See ejtui_layers:handshake/2; Known
%% is `asked` for somebody who wants an attempt.
unless_refused(Node, _, _, asked, Shake) ->
    ets:delete(ejtui_probe, {refused, Node}),
    Shake();
unless_refused(Node, Cookie, Port, Known, Shake) ->
    case differs(Cookie, maps:get(cookie, Known, <<>>)) of
        true -> untried();
        false ->
            Mark = maps:get(mark, Known, fun() -> undefined end),
            unless_known(Node, {Cookie, Port}, Mark(), Shake)
    end.

%% Only where both are known: without a cookie here none is offered.
differs(none, _) -> false;
differs(_, <<>>) -> false;
differs(Same, Same) -> false;
differs(_, _) -> true.

untried() ->
    #{broken => handshake, code => 'cookie-mismatch', untried => true,
      why => <<"not tried: its cookie differs">>}.

unless_known(Node, Way, Mark, Shake) ->
    case ejtui_probe:setting({refused, Node}, none) of
        {Way, Due, Wait, Marked, Verdict} when Mark =:= Marked; Mark =:= undefined ->
            case expected(Mark, Verdict) orelse now_ms() < Due of
                true -> Verdict;
                false -> shaken(Node, Way, Marked, later(Verdict, Wait), Shake)
            end;
        _ ->
            shaken(Node, Way, Mark, first_wait(), Shake)
    end.

%% Whether the other node would answer the same. Without a mark some time has to pass.
expected(undefined, _) -> false;
expected(_, Verdict) -> final(Verdict).

shaken(Node, Way, Mark, Wait, Shake) ->
    case Shake() of
        #{broken := undefined} = Verdict ->
            ets:delete(ejtui_probe, {refused, Node}),
            Verdict;
        Verdict ->
            Entry = {Way, now_ms() + Wait, Wait, Mark, Verdict},
            ets:insert(ejtui_probe, {{refused, Node}, Entry}),
            Verdict
    end.

%% Whether it is an answer of the other node, and no silence.
final(#{code := Code}) -> lists:member(Code, ['cookie-mismatch', 'otp-distance']).

later(Verdict, Wait) ->
    case final(Verdict) of
        true -> min(2 * Wait, longest_wait());
        false -> Wait
    end.

now_ms() -> erlang:monotonic_time(millisecond).

first_wait() -> 5000.

longest_wait() -> 3600000.
