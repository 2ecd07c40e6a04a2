%% What ejabberd makes of an option: one term for all values between which neither a user nor an
%% administrator could find a difference. Values come as ejtui_settings has them: without maps, and
%% with the sources of patterns.
-module(ejtui_meant).
-export([option/2, effect/3, shape/1]).

%% Each method is asked in turn, and the first one that can stores a new account: their order counts.
%% Only where anonymous stands does not matter: it stores nothing, and before it lets a guest in it
%% asks all others for an account of that name (ejabberd_auth_anonymous:check_password).
option(auth_method, Methods) when is_list(Methods) ->
    {Guests, Others} = lists:partition(fun(Method) -> Method =:= anonymous end, Methods),
    Others ++ lists:usort(Guests);
%% Of an acl any rule is enough (acl:match_acl).
option(acl, Named) ->
    sorted([{Name, unordered_items(Rules)} || {Name, Rules} <- pairs(Named)]);
option(Name, Named) when Name =:= access_rules; Name =:= shaper_rules ->
    sorted([{Rule, rules(Rules)} || {Rule, Rules} <- pairs(Named)]);
option(Name, Words) when is_binary(Words), (Name =:= c2s_protocol_options orelse
                                            Name =:= s2s_protocol_options) ->
    sorted(binary:split(Words, <<"|">>, [global]));
option(Name, Value) ->
    case {lists:member(Name, in_order()), decides(Name, Value)} of
        {true, _} -> Value;
        {false, true} -> rules(Value);
        {false, false} -> unordered(access(atom_to_list(Name), Value))
    end.

%% Options in whose lists the first one counts, or is what people see first.
in_order() ->
    [plugins, force_node_config, ldap_uids, ldap_dn_filter, ldap_vcard_map, ldap_search_fields,
     ldap_search_reported, vcard, conversejs_plugins, directory_indices].

%% {ok, What an option decides}, with the rules and acls that it names written out; none where it is no
%% such option, or where that is not certain. Value is what option/2 gives, Named what the node has of
%% acl, access_rules and shaper_rules for the virtual host.
effect(Name, Value, Named) when Name =:= access_rules; Name =:= shaper_rules ->
    certain(sorted([{Rule, written_out(Rules, Named)} || {Rule, Rules} <- pairs(Value)]));
effect(Name, Value, Named) ->
    case {decides_access(atom_to_list(Name)), decides(Name, Value)} of
        {true, true} -> certain(written_out(Value, Named));
        {true, false} when is_atom(Value) -> of_named(Value, Named);
        _ -> none
    end.

%% Access and limits are named separately: of a name that both have, nobody knows which is meant.
of_named(Rule, Named) ->
    case [Rules || Option <- [access_rules, shaper_rules],
                   {Each, Rules} <- pairs(maps:get(Option, Named, [])), Each =:= Rule] of
        [Rules] -> certain(written_out(Rules, Named));
        _ -> none
    end.

certain(Term) ->
    case shape(Term) of
        Term -> {ok, Term};
        _ -> none
    end.

%% Rules without the names of acls: of an acl any rule is enough, of conditions all have to be met. A rule
%% that would become too many stays as it is.
written_out(Rules, Named) when is_list(Rules) ->
    Acls = maps:from_list(pairs(maps:get(acl, Named, []))),
    rules(lists:append([[{Value, Each} || Each <- each_way(Conditions, Acls)]
                        || {Value, Conditions} <- Rules]));
written_out(Other, _) -> Other.

each_way(Conditions, Acls) when is_list(Conditions) ->
    Ways = [ways(Each, Acls) || Each <- Conditions],
    case lists:foldl(fun(Each, Count) -> Count * length(Each) end, 1, Ways) > most_ways() of
        true -> [Conditions];
        false -> lists:foldr(fun(Each, Rest) -> [[One | More] || One <- Each, More <- Rest] end,
                             [[]], Ways)
    end;
each_way(Other, _) -> [Other].

ways({acl, Name} = Condition, Acls) ->
    case Acls of
        #{Name := Rules} when is_list(Rules) -> Rules;
        _ -> [Condition]
    end;
ways(Condition, _) -> [Condition].

most_ways() -> 200.

%% Whether these are rules of access or limits, which count in their order.
decides(Name, [_ | _] = Value) ->
    Is = fun({_, [{_, _} | _]}) -> true; (_) -> false end,
    try decides_access(atom_to_list(Name)) andalso lists:all(Is, Value) catch error:_ -> false end;
decides(_, _) -> false.

decides_access(Name) -> lists:prefix("access", Name) orelse lists:suffix("_access", Name).

%% all and none are no names of rules (acl:match_rule).
access(Name, Word) when Word =:= all; Word =:= none ->
    case {decides_access(Name), Word} of
        {true, all} -> everyone(allow);
        {true, none} -> everyone(deny);
        {false, _} -> Word
    end;
access(_, Value) -> Value.

everyone(Value) -> [{Value, [{acl, all}]}].

pairs({map, Pairs}) -> pairs(Pairs);
pairs(Pairs) when is_list(Pairs) -> [Pair || {_, _} = Pair <- Pairs];
pairs(_) -> [].

unordered(List) when is_list(List) ->
    case is_rules(List) of
        true -> rules(List);
        false -> unordered_items(List)
    end;
unordered({map, Pairs}) -> unordered(Pairs);
unordered({Kind, _} = Pattern) when Kind =:= '$source'; Kind =:= '$pattern' -> Pattern;
unordered(Tuple) when is_tuple(Tuple) ->
    list_to_tuple([unordered(Each) || Each <- tuple_to_list(Tuple)]);
unordered(Other) -> Other.

%% A list with a number in it is a text, or a range.
unordered_items(List) ->
    try lists:any(fun is_integer/1, List) of
        true -> List;
        false -> sorted([unordered(Each) || Each <- List])
    catch
        error:_ -> List
    end.

sorted(List) -> [Each || {_, Each} <- lists:usort([{shape(Each), Each} || Each <- List])].

%% A value without its patterns, which two nodes may hold in different ways.
shape({'$pattern', _}) -> pattern;
shape([Head | Tail]) -> [shape(Head) | shape(Tail)];
shape(Tuple) when is_tuple(Tuple) -> list_to_tuple([shape(Each) || Each <- tuple_to_list(Tuple)]);
shape(Plain) -> Plain.

is_rules([_ | _] = List) ->
    try lists:all(fun is_rule/1, List) catch error:_ -> false end;
is_rules(_) -> false.

is_rule({Value, Conditions}) when is_list(Conditions) ->
    Value =:= allow orelse Value =:= deny
        orelse Conditions =/= [] andalso lists:all(fun is_acl/1, Conditions);
is_rule(_) -> false.

is_acl({acl, _}) -> true;
is_acl(_) -> false.

%% The first rule counts whose conditions are all met; where none is, it is deny, of shapers none
%% (acl:match_rules). So rules behind one for everyone never count, and those with one value may
%% change places with each other.
rules(Rules) when is_list(Rules) ->
    Known = [{Value, conditions(Conditions)} || {Value, Conditions} <- Rules],
    Runs = runs(reached([Rule || {_, Met} = Rule <- Known, Met =/= never])),
    case lists:reverse(Runs) of
        [[{Last, _} | _] | Others] when Last =:= deny; Last =:= none -> last(Others, Last);
        Others -> last(Others, otherwise(Rules))
    end;
rules(Other) -> Other.

last([], Value) -> everyone(Value);
last(Runs, _) -> lists:append(lists:reverse(Runs)).

otherwise([{none, _} | _]) -> none;
otherwise(_) -> deny.

conditions([]) -> never;
conditions(Conditions) when is_list(Conditions) ->
    Sorted = unordered_items(Conditions),
    case {lists:member({acl, none}, Sorted), [Each || Each <- Sorted, Each =/= {acl, all}]} of
        {true, _} -> never;
        {false, []} -> [{acl, all}];
        {false, Others} -> Others
    end;
conditions(Other) -> Other.

reached([{_, [{acl, all}]} = Rule | _]) -> [Rule];
reached([Rule | Rest]) -> [Rule | reached(Rest)];
reached([]) -> [].

runs([{Value, _} | _] = Rules) ->
    {Run, Rest} = lists:splitwith(fun({Other, _}) -> Other =:= Value end, Rules),
    Whole = case lists:last(Run) of
        {_, [{acl, all}]} = All -> [All];
        _ -> sorted(Run)
    end,
    [Whole | runs(Rest)];
runs([]) -> [].
