%% Parts of an answer that are made each by itself: one that crashes takes no other with it, and is
%% named in the answer beside what stands in its place.
-module(ejtui_guard).
-export([value/3, map/3, failures/0]).

%% What Fun returns; what Instead(Why) returns where it crashes, which failures/0 then lists.
value(Part, Fun, Instead) ->
    try Fun()
    catch
        throw:{refused, _, Text} -> failed(Part, ejtui_probe:text(Text), Instead);
        _:Reason:Stack -> failed(Part, ejtui_probe:reason({Reason, Stack}), Instead)
    end.

%% Fun over Parts, each in a process of its own; Instead(Part, Why) for one that crashes.
map(Fun, Parts, Instead) ->
    Guarded = fun(Part) ->
        Value = value(Part, fun() -> Fun(Part) end, fun(Why) -> Instead(Part, Why) end),
        {Value, failures()}
    end,
    {Values, Failures} = lists:unzip(ejtui_rpc:map(Guarded, Parts)),
    put(ejtui_failures, failures() ++ lists:append(Failures)),
    Values.

%% [{Part, Why}] of all that crashed in this process, the first one first.
failures() ->
    case get(ejtui_failures) of
        undefined -> [];
        Failures -> Failures
    end.

failed(Part, Why, Instead) ->
    Text = ejtui_probe:text(Why),
    put(ejtui_failures, failures() ++ [{name(Part), Text}]),
    Instead(Text).

name(Part) when is_tuple(Part) ->
    iolist_to_binary(lists:join(" ", [ejtui_probe:text(Word) || Word <- tuple_to_list(Part)]));
name(Part) ->
    ejtui_probe:text(Part).
