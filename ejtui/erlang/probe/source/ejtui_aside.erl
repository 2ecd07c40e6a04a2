%% What a node's database has that another node's has not: what a join of the two sets aside. Both
%% are read where they run; only names and numbers leave here.
-module(ejtui_aside).
-export([compare/2, compare_apart/3]).

%% #{alone => Lines of User, Server; both => Number,
%%   differ => Lines of User, Server, same | other | unknown, and Table:Records,...;
%%   rooms, groups, nodes => [{Name, Host, alone | other}],
%%   tables => #{Table => Records}, unread => [Line]}
%% `differ` are accounts of both: how their passwords compare, and how many records Own has for
%% them that Other has not just so.
compare(Own, Other) ->
    Accounts = lists:usort(ejtui_accounts:all(Own)),
    Both = lists:usort(ejtui_accounts:which(Other, Accounts)),
    Tables = kept(Own),
    There = ejtui_rpc:value(ejtui_rpc:call(Other, mnesia, system_info, [tables], bound())),
    State = #{own => Own, other => Other, tables => Tables, there => There},
    {Rows, Unread} = rows(State, Both),
    Differ = differing(State, Both, Rows),
    #{alone => ejtui_owned:lines([[User, Server]
                                  || {User, Server} <- ordsets:subtract(Accounts, Both)]),
      both => length(Both),
      differ => ejtui_owned:lines([[User, Server, Password, ejtui_owned:counts(Held)]
                                   || {User, Server, Password, Held} <- Differ]),
      rooms => places(State, muc_room),
      groups => places(State, sr_group),
      nodes => [Place || {_, Host, _} = Place <- places(State, pubsub_node), is_binary(Host)],
      tables => others(Tables, Both),
      unread => Unread ++ unread_passwords(State, Both)}.

%% The same where Other has another cookie than this host: this probe alone uses it, meanwhile.
compare_apart(Own, Other, Cookie) ->
    Dial = fun() ->
        case ejtui_dist:connect(Other) of
            up -> ok;
            {_, Why} -> ejtui_probe:refuse('not-connected', ejtui_probe:text(Why))
        end
    end,
    try
        ejtui_dist:with_cookie(Other, Cookie, Dial),
        compare(Own, Other)
    after
        ejtui_dist:forget(Other)
    end.

%% #{Table => #{attributes, type, record_name, size}} of what Node keeps on disc.
kept(Node) ->
    Names = ejtui_rpc:value(ejtui_rpc:call(Node, mnesia, system_info, [tables], bound())),
    Info = fun(Item) ->
        Query = [fun mnesia:table_info/2, Names, [Item || _ <- Names]],
        ejtui_rpc:value(ejtui_rpc:call(Node, lists, zipwith, Query, bound()))
    end,
    Rows = lists:zip3(Names, Info(storage_type), Info(size)),
    Disc = [disc_copies, disc_only_copies],
    Sizes = maps:from_list([{Name, Size} || {Name, Storage, Size} <- Rows, Name =/= schema,
                                            lists:member(Storage, Disc)]),
    maps:map(fun(Name, Definition) -> Definition#{size => maps:get(Name, Sizes)} end,
             ejtui_owned:definitions(Node, maps:keys(Sizes))).

%% [{Account, Table, Key}] of what Own keeps for accounts of both, and what is too much to look at.
rows(State, Both) ->
    #{tables := Tables} = State,
    Wanted = maps:from_list([{Account, yes} || Account <- Both]),
    Ask = [{Name, Definition} || {Name, #{size := Size} = Definition} <- maps:to_list(Tables),
                                 Size > 0, Both =/= [], compared(Name, Definition)],
    {Small, Large} = lists:partition(fun({_, Definition}) -> readable(Definition) end, Ask),
    {lists:append([keys(State, Table, Both, Wanted) || Table <- Small]),
     [ejtui_probe:text([atom_to_list(Name), " has ", integer_to_list(Size), " records"])
      || {Name, #{size := Size}} <- Large]}.

compared(pubsub_node, _) -> true;
compared(Name, Definition) ->
    Not = [passwd, archive_msg | ejtui_owned:untold()],
    ejtui_owned:keyed(Definition) andalso not lists:member(Name, Not).

readable(#{attributes := [us | _]}) -> true;  % no more keys than accounts
readable(#{size := Size}) -> Size =< most().

keys(_, {Name, #{attributes := [us | _], size := Size}}, Both, _) when Size >= length(Both) ->
    [{Account, Name, Account} || Account <- Both];
keys(#{own := Own}, {Name, #{attributes := [Key | _]}}, _, Wanted) ->
    All = ejtui_rpc:value(ejtui_rpc:call(Own, mnesia, dirty_all_keys, [Name], long())),
    [{Account, Name, Value} || Value <- All,
                               Account <- [holder(Key, Value)], is_map_key(Account, Wanted)].

holder(nodeid, {{User, Server, _}, _}) -> {User, Server};
holder(Key, Value) -> ejtui_owned:owner(Key, Value).

%% Accounts whose password is not the same, or for which Own has records that Other has not.
differing(State, Both, Rows) ->
    Until = ejtui_passwords:until(),
    Total = length(Both) + length(Rows),
    Passwords = passwords(State, Both, Until, Total),
    Lacks = lacking(State, Rows, length(Both), Total),
    [{User, Server, Password, Held}
     || {{User, Server} = Account, Password} <- Passwords,
        Held <- [maps:get(Account, Lacks, #{})],
        {Password, Held} =/= {same, #{}}].

passwords(State, Both, Until, Total) ->
    {_, Said} = lists:foldl(fun(Accounts, {Done, All}) ->
        ejtui_probe:progress({Done, Total}),
        Ours = own_passwords(own, State, Accounts),
        Theirs = own_passwords(other, State, Accounts),
        Now = [{Account, ejtui_passwords:compare(One, Two, Until)}
               || {Account, One, Two} <- lists:zip3(Accounts, Ours, Theirs)],
        {Done + length(Accounts), [Now | All]}
    end, {0, []}, ejtui_owned:chunks(Both)),
    lists:append(lists:reverse(Said)).

own_passwords(Side, State, Accounts) ->
    case has(Side, State, passwd) of
        true -> ejtui_passwords:read(maps:get(Side, State), Accounts);
        false -> [[] || _ <- Accounts]
    end.

has(own, #{tables := Tables}, Name) -> is_map_key(Name, Tables);
has(other, #{there := There}, Name) -> lists:member(Name, There).

unread_passwords(State, Both) ->
    [ejtui_probe:text(["passwords are not kept in Mnesia on ", atom_to_list(maps:get(Side, State))])
     || Side <- [own, other], Both =/= [], not has(Side, State, passwd)].

%% #{Account => #{Table => Records}} of Own's records that Other has not.
lacking(State, Rows, Before, Total) ->
    #{own := Own} = State,
    {_, Found} = lists:foldl(fun(Now, {Done, Found}) ->
        ejtui_probe:progress({Done, Total}),
        Oids = [{Name, Key} || {_, Name, Key} <- Now],
        Pairs = lists:zip3(Now, ejtui_owned:read(Own, Oids), theirs(State, Oids)),
        {Done + length(Now), lists:foldl(fun lacked/2, Found, Pairs)}
    end, {Before, #{}}, ejtui_owned:chunks(Rows)),
    Found.

lacked({{Account, Name, _}, Ours, Theirs}, Found) ->
    case length(missing(Name, Ours, Theirs)) of
        0 ->
            Found;
        Count ->
            Tables = maps:get(Account, Found, #{}),
            Found#{Account => maps:update_with(Name, fun(N) -> N + Count end, Count, Tables)}
    end.

%% A node's own number is another in each database.
missing(pubsub_node, _, [_ | _]) -> [];
missing(_, Ours, Theirs) -> Ours -- Theirs.

theirs(#{other := Other} = State, Oids) ->
    There = [Oid || {Name, _} = Oid <- Oids, has(other, State, Name)],
    Read = maps:from_list(lists:zip(There, ejtui_owned:read(Other, There))),
    [maps:get(Oid, Read, []) || Oid <- Oids].

%% Rooms, groups or nodes of Own that Other has not (alone), or has another of that name (other).
places(#{own := Own} = State, Table) ->
    case has(own, State, Table) of
        false ->
            [];
        true ->
            Keys = ejtui_rpc:value(ejtui_rpc:call(Own, mnesia, dirty_all_keys, [Table], long())),
            lists:append([placed(State, Table, Now)
                          || Now <- ejtui_owned:chunks(lists:sort(Keys))])
    end.

placed(#{own := Own} = State, Table, Keys) ->
    Oids = [{Table, Key} || Key <- Keys],
    Read = lists:zip3(Keys, ejtui_owned:read(Own, Oids), theirs(State, Oids)),
    [{Name, Host, stands(Theirs)} || {Key, Ours, Theirs} <- Read, Ours =/= Theirs,
                                     {Name, Host} <- [named(Table, Key)]].

named(pubsub_node, {Host, Name}) -> {Name, Host};
named(_, Key) -> Key.

stands([]) -> alone;
stands(_) -> other.

%% Records that belong to no account, and what was not compared by account for being much.
others(Tables, Both) ->
    Named = [passwd, muc_room, sr_group, sr_user, pubsub_node, pubsub_state, pubsub_item,
             pubsub_index, pubsub_last_item, pubsub_orphan, reg_users_counter, caps_features,
             local_config | ejtui_owned:untold()],
    maps:from_list([{Name, Size} || {Name, #{size := Size} = Definition} <- maps:to_list(Tables),
                                    Size > 0, not lists:member(Name, Named),
                                    not ejtui_owned:keyed(Definition)
                                        orelse (Name =:= archive_msg andalso Both =/= [])]).

%% So many keys of one table are looked through.
most() -> 200000.

bound() -> 10000.

long() -> 600 * 1000.
