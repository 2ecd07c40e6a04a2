%% Rooms, shared roster groups and pubsub nodes of a database that lies in files. Only names and
%% numbers leave here: a room's record holds its password.
-module(ejtui_places).
-export([tables/0, offer/3, items/3, missing/2, wake/2]).

%% Tables of which nothing else needs to be said: these are offered, or belong to what is.
tables() ->
    [muc_room, sr_group, pubsub_node, pubsub_state, pubsub_item, pubsub_index, pubsub_last_item,
     pubsub_orphan, reg_users_counter, caps_features, local_config].

%% [#{kind, name, host, state, members}] of room, group, node and personal (a node of an account),
%% by name. A state is new, same, taken (the cluster has another of that name), unserved or unfit
%% (its table is another there); `members` are a group's.
offer(Source, Tables, Node) ->
    Asked = maps:with([muc_room, sr_group, sr_user | numbered()], Tables),
    Running = ejtui_owned:definitions(Node, maps:keys(Asked)),
    {Found, Members} = ejtui_fit:fold(Source, Asked, fun taken/3, {[], #{}}),
    Stand = maps:from_list(lists:append([standing(Node, Asked, Running, Now)
                                         || Now <- ejtui_owned:chunks(Found)])),
    Known = lists:usort([host(Table, Key) || {Table, Key, _} <- Found]),
    Hosts = maps:from_list([{Host, served(Node, Host)} || Host <- Known]),
    lists:sort([place(named(Table, Key), maps:get({Table, Key}, Stand),
                      maps:get(host(Table, Key), Hosts), maps:get(Key, Members, 0))
                || {Table, Key, _} <- Found]).

taken(sr_user, {sr_user, _, Group}, {Found, Members}) ->
    {Found, maps:update_with(Group, fun(N) -> N + 1 end, 1, Members)};
taken(Table, _, Acc) when Table =:= pubsub_state; Table =:= pubsub_item -> Acc;
taken(Table, Record, {Found, Members}) ->
    case named(Table, element(2, Record)) of
        none -> {Found, Members};
        _ -> {[{Table, element(2, Record), Record} | Found], Members}
    end.

host(pubsub_node, {{_, Server, _}, _}) -> Server;
host(pubsub_node, {Host, _}) -> Host;
host(_, {_, Host}) -> Host.

served(Node, Host) ->
    Said = ejtui_rpc:call(Node, ejabberd_router, is_my_route, [Host], bound()),
    ejtui_rpc:value(Said, false) =:= true.

standing(Node, Asked, Running, Rows) ->
    Same = fun(Table) -> maps:get(Table, Running, none) =:= maps:get(Table, Asked, other) end,
    {Fit, Unfit} = lists:partition(fun({Table, _, _}) ->
        lists:all(Same, case Table of pubsub_node -> numbered(); _ -> [Table] end)
    end, Rows),
    Held = ejtui_owned:read(Node, [{Table, Key} || {Table, Key, _} <- Fit]),
    [{{Table, Key}, stands(Table, Record, There)}
     || {{Table, Key, Record}, There} <- lists:zip(Fit, Held)]
    ++ [{{Table, Key}, unfit} || {Table, Key, _} <- Unfit].

stands(_, _, []) -> new;
stands(_, Record, [Record]) -> same;
%% A node's own number is another in each database.
stands(pubsub_node, _, _) -> same;
stands(_, _, _) -> taken.

place({Kind, Name, Host}, State, Served, Members) ->
    Stands = case {State, Served} of {new, false} -> unserved; _ -> State end,
    #{kind => Kind, name => Name, host => Host, state => Stands, members => Members}.

named(muc_room, {Name, Host}) -> texts(room, Name, Host);
named(sr_group, {Name, Host}) -> texts(group, Name, Host);
named(pubsub_node, {{User, Server, <<>>}, Name}) when is_binary(User), is_binary(Server) ->
    texts(personal, Name, <<User/binary, $@, Server/binary>>);
named(pubsub_node, {Host, Name}) -> texts(node, Name, Host);
named(_, _) -> none.

texts(Kind, Name, Host) when is_binary(Name), is_binary(Host) ->
    case ejtui_owned:prints(Name) andalso ejtui_owned:prints(Host) of
        true -> {Kind, Name, Host};
        false -> none
    end;
texts(_, _, _) -> none.

%% [{Place, Rows, Guard}]: what is written for each, [{Table, Type, Key, Records}], unless something
%% is under Guard, {Table, Key}. A group comes with its members, a node with its items and its
%% subscribers, under a number that Node's cluster gives it.
items(Source, Places, Node) ->
    Tables = maps:with([muc_room, sr_group, sr_user | numbered()], ejtui_kept:tables(Source)),
    Wanted = maps:from_list([{Place, []} || Place <- Places]),
    Numbers = numbers(Source, Tables, Wanted),
    Rows = ejtui_fit:fold(Source, Tables, fun(Table, Record, Found) ->
        Place = belongs(Table, Record, Numbers),
        case Found of
            #{Place := All} -> Found#{Place => [{Table, Record} | All]};
            _ -> Found
        end
    end, Wanted),
    [{Place, [row(Tables, Row) || Row <- renumbered(Place, All, Node)], guard(Place)}
     || {Place, All} <- maps:to_list(Rows), All =/= []].

numbered() -> [pubsub_node, pubsub_state, pubsub_item].

%% #{Number => Place} of the nodes that are wanted.
numbers(Source, Tables, Wanted) ->
    ejtui_fit:fold(Source, maps:with([pubsub_node], Tables), fun(Table, Record, Found) ->
        Place = named(Table, element(2, Record)),
        case is_map_key(Place, Wanted) of
            true -> Found#{element(3, Record) => Place};
            false -> Found
        end
    end, #{}).

belongs(sr_user, {sr_user, _, {Name, Host}}, _) -> {group, Name, Host};
belongs(Table, Record, Numbers) when Table =:= pubsub_state; Table =:= pubsub_item ->
    case element(2, Record) of
        {_, _} -> maps:get(element(3, Record), Numbers, none);
        _ -> none
    end;
belongs(Table, Record, _) -> named(Table, element(2, Record)).

renumbered({Kind, _, _}, Rows, Node) when Kind =:= node; Kind =:= personal ->
    Call = [fun pubsub_index:new/1, [node]],
    {atomic, Number} = ejtui_rpc:value(ejtui_rpc:call(Node, mnesia, transaction, Call, bound())),
    [{Table, numbered(Table, Record, Number)} || {Table, Record} <- Rows];
renumbered(_, Rows, _) ->
    Rows.

numbered(pubsub_node, Record, Number) -> setelement(3, Record, Number);
numbered(_, Record, Number) ->
    {Key, _} = element(2, Record),
    setelement(3, setelement(2, Record, {Key, Number}), Number).

row(Tables, {Table, Record}) ->
    {Table, maps:get(type, maps:get(Table, Tables)), element(2, Record), [Record]}.

guard({room, Name, Host}) -> {muc_room, {Name, Host}};
guard({group, Name, Host}) -> {sr_group, {Name, Host}};
guard({node, Name, Host}) -> {pubsub_node, {Host, Name}};
guard({personal, Name, Account}) ->
    [User, Server] = binary:split(Account, <<"@">>),
    {pubsub_node, {{User, Server, <<>>}, Name}}.

%% Those that Node does not have.
missing(Node, Places) ->
    Held = ejtui_owned:read(Node, [guard(Place) || Place <- Places]),
    [Place || {Place, []} <- lists:zip(Places, Held)].

%% A room that was written stands in the list of rooms once it is loaded; it is at the latest when
%% somebody enters it, so that what fails here is no failure.
wake(Node, Places) ->
    lists:foreach(fun({room, Name, Host}) ->
        Served = ejtui_rpc:call(Node, ejabberd_router, host_of_route, [Host], bound()),
        case Served of
            {ok, Server} ->
                Args = [Server, Host, Name],
                ejtui_rpc:call(Node, mod_muc, unhibernate_room, Args, bound());
            _ ->
                ok
        end;
    (_) ->
        ok
    end, Places).

bound() -> 10000.
