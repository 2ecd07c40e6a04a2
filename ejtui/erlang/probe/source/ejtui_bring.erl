%% Accounts of a database that lies in files, brought into a running cluster through one of its
%% nodes. An account that is there already is never touched. Nothing of a password leaves here.
-module(ejtui_bring).
-export([content/1, offer/2, bring/3, complete/3, bring_places/3, look/3, look_places/2]).

%% #{accounts => [{User, Server}], tables => #{Table => Records}, doubts => [Line]}: what Source
%% holds, whatever a cluster has.
content(Source) -> guarded(fun() -> contained(Source) end).

%% #{accounts => Lines of user, server, state, passwords, and what it holds and lacks of each
%%                 table;
%%   places => [#{kind, name, host, state, members}], left_out => [#{table, why, records}],
%%   doubts => [Line]}: what Source holds, against what Node has. A state is new, same (there, with
%% this very password), taken (there, with another), unclear (there, with one that cannot be
%% compared), unserved (nobody serves its host) or unfit (its name or its password is none that
%% ejabberd takes). `lacks` is what the cluster has not of an
%% account that it has.
offer(Source, Node) -> guarded(fun() -> offered(Source, Node) end).

%% Writes Accounts through Node, each in a transaction of its own, unless it is there by then:
%% [{User, Server, #{Table => {Written, Kept}} | there}]. Kept are records of the cluster under
%% the same keys, which stay. Then every member's caches are emptied and its accounts counted.
bring(Source, Node, Accounts) ->
    guarded(fun() -> brought(Source, Node, Accounts, absent) end).

%% Likewise what the cluster lacks of Accounts that it has; `there` are those it has no more.
complete(Source, Node, Accounts) ->
    guarded(fun() -> brought(Source, Node, Accounts, present) end).

%% Writes rooms, shared roster groups and pubsub nodes, [{Kind, Name, Host}], unless they are there
%% by then: those that were written.
bring_places(Source, Node, Places) ->
    guarded(fun() ->
        Items = ejtui_places:items(Source, Places, Node),
        try [Place || {Place, Rows, Guard} <- Items,
                      transaction(Node, Place, Rows, [Guard], absent, []) =/= there]
        after
            forget_caches(Node),
            ejtui_places:wake(Node, Places)
        end
    end).

%% Those of Places that Node does not have.
look_places(Node, Places) -> guarded(fun() -> ejtui_places:missing(Node, Places) end).

%% Reads Accounts back through Node: #{accounts, records, same, missing => [{User, Server, Table}],
%% unknown => [{User, Server}]}; `unknown` are those that ejabberd there does not know.
look(Source, Node, Accounts) -> guarded(fun() -> looked(Source, Node, Accounts) end).

contained(Source) ->
    Tables = ejtui_kept:tables(Source),
    Count = fun(Name, _, Found) -> maps:update_with(Name, fun(N) -> N + 1 end, Found) end,
    #{accounts => names(Source, Tables),
      tables => ejtui_kept:fold(Source, Tables, Count, maps:map(fun(_, _) -> 0 end, Tables)),
      doubts => ejtui_kept:doubts(Source, Tables)}.

offered(Source, Node) ->
    Tables = ejtui_kept:tables(Source),
    Fit = fitting(Node, Tables),
    Outside = ejtui_accounts:outside(Node),
    Outside =/= [] andalso hosts(Node) -- Outside =:= []
        andalso ejtui_probe:refuse(accounts_elsewhere, elsewhere()),
    is_map_key(passwd, Fit)
        orelse ejtui_probe:refuse(no_passwd, "no table of passwords that both sides have alike"),
    Passwords = passwords(Source, Fit),
    Held = holdings(Source, Fit, Passwords),
    States = states(Node, Passwords),
    Lacks = lacking(Source, Node, Fit, States),
    #{accounts => ejtui_owned:lines(
                      [account(Account, maps:get(Account, States), Records, Held, Lacks)
                       || {Account, Records} <- lists:sort(maps:to_list(Passwords))]),
      places => ejtui_places:offer(Source, Tables, Node),
      left_out => left_out(Source, Tables, Fit, Node),
      doubts => ejtui_kept:doubts(Source, Tables) ++ ejtui_fit:doubts(Source, Tables)}.

%% Those that ejabberd there serves.
hosts(Node) -> ejtui_rpc:value(ejtui_rpc:call(Node, ejabberd_option, hosts, [], bound())).

elsewhere() ->
    "by auth_method ejabberd there keeps its accounts outside its database, as in SQL or LDAP, where "
    "ejtui writes nothing: register them there, or go back to this backup with `ejtui rollback`".

account({User, Server} = Account, State, Records, Held, Lacks) ->
    Kinds = lists:usort([kind(element(3, Record)) || Record <- Records]),
    [User, Server, State, lists:join($,, Kinds),
     ejtui_owned:counts(maps:get(Account, Held, #{})),
     ejtui_owned:counts(maps:get(Account, Lacks, #{}))].

%% What kind of password a record keeps; the record itself is ejabberd's business.
kind(Password) ->
    case ejtui_fit:known_kind(Password) andalso Password of
        false -> <<"of an unknown kind">>;
        {scram, _, _, _, sha256, _} -> <<"SCRAM-SHA-256">>;
        {scram, _, _, _, sha512, _} -> <<"SCRAM-SHA-512">>;
        {scram, _, _, _, _, _} -> <<"SCRAM-SHA-1">>;
        {scram, _, _, _, _} -> <<"SCRAM-SHA-1">>;
        _ -> <<"plain">>
    end.

readable(Records) -> lists:all(fun(Record) -> ejtui_fit:known_kind(element(3, Record)) end, Records).

%% Tables with account data that the node's database has just so: #{Table => Definition}.
fitting(Node, Tables) ->
    Keyed = maps:filter(fun(_, Definition) -> ejtui_owned:keyed(Definition) end, Tables),
    Running = ejtui_owned:definitions(Node, maps:keys(Keyed)),
    maps:filter(fun(Name, Definition) -> maps:get(Name, Running) =:= Definition end, Keyed).

%% The accounts in order, without what else their records hold.
names(Source, Tables) ->
    Found = ets:new(names, [ordered_set, public]),  % a backup is read by a process of Mnesia's
    Add = fun(_, Record, ok) ->
        case ejtui_owned:owner(us, element(2, Record)) of
            none -> ok;
            Account -> ets:insert(Found, {Account}), ok
        end
    end,
    try
        ok = ejtui_kept:fold(Source, maps:with([passwd], Tables), Add, ok),
        [Account || {Account} <- ets:tab2list(Found)]
    after
        ets:delete(Found)
    end.

%% #{Account => [Record]} of the passwords.
passwords(Source, Fit) ->
    Table = maps:with([passwd], Fit),
    ejtui_fit:fold(Source, Table, fun(_, Record, Found) ->
        case ejtui_owned:owner(us, element(2, Record)) of
            none -> Found;
            Account -> maps:update_with(Account, fun(All) -> [Record | All] end, [Record], Found)
        end
    end, #{}).

holdings(Source, Fit, Passwords) ->
    each(Source, maps:remove(passwd, Fit), Passwords, fun(Account, Name, _, Found) ->
        Tables = maps:get(Account, Found, #{}),
        Found#{Account => maps:update_with(Name, fun(N) -> N + 1 end, 1, Tables)}
    end, #{}).

%% Fun(Account, Table, Record, Acc) over the records that belong to accounts of the map Wanted.
each(Source, Fit, Wanted, Fun, Acc) ->
    Keys = maps:map(fun(_, #{attributes := [Key | _]}) -> Key end, Fit),
    ejtui_fit:fold(Source, Fit, fun(Name, Record, In) ->
        case ejtui_owned:owner(maps:get(Name, Keys), element(2, Record)) of
            Account when is_map_key(Account, Wanted) -> Fun(Account, Name, Record, In);
            _ -> In
        end
    end, Acc).

states(Node, Passwords) ->
    Hosts = hosts(Node) -- ejtui_accounts:outside(Node),
    Served = fun({_, Server}) -> lists:member(Server, Hosts) end,
    There = ejtui_accounts:which(Node, lists:sort(maps:keys(Passwords))),
    Compared = compared(Node, lists:filter(Served, There), Passwords),
    New = [Account || {Account, Records} <- lists:sort(maps:to_list(Passwords)), Served(Account),
                      not is_map_key(Account, Compared), readable(Records)],
    Fit = maps:from_list([{Account, new} || Account <- named_well(Node, New)]),
    maps:map(fun(Account, _) ->
        case {Served(Account), Compared, Fit} of
            {false, _, _} -> unserved;
            {true, #{Account := State}, _} -> State;
            {true, _, #{Account := State}} -> State;
            {true, _, _} -> unfit
        end
    end, Passwords).

%% Those of Accounts whose names ejabberd on Node leaves as they are: it knows no others.
named_well(Node, Accounts) ->
    lists:append([begin
        Call = [fun jid:nodeprep/1, [User || {User, _} <- Now]],
        case ejtui_rpc:call(Node, lists, map, Call, bound()) of
            {ok, Prepared} -> [Account || {{User, _} = Account, User} <- lists:zip(Now, Prepared)];
            {error, _} -> Now
        end
    end || Now <- ejtui_owned:chunks(Accounts)]).

compared(Node, Both, Passwords) ->
    Until = ejtui_passwords:until(),
    maps:from_list([{Account, state(maps:get(Account, Passwords), Theirs, Until)}
                    || Now <- ejtui_owned:chunks(Both),
                       {Account, Theirs} <- lists:zip(Now, ejtui_passwords:read(Node, Now))]).

state(Ours, Theirs, Until) ->
    case ejtui_passwords:compare(Ours, Theirs, Until) of
        same -> same;
        other -> taken;
        unknown -> unclear
    end.

%% #{Account => #{Table => Records}} of what the cluster has not of accounts that it has: records
%% under keys that it has nothing under, and further ones where a key may have several.
lacking(Source, Node, Fit, States) ->
    There = maps:filter(fun(_, State) -> lists:member(State, [same, taken, unclear]) end, States),
    Asked = maps:without([passwd | ejtui_owned:untold()], Fit),
    Count = fun({{Account, Name, Record}, Held}, Found) ->
        case lacks(maps:get(type, maps:get(Name, Asked)), Record, Held) of
            true ->
                Tables = maps:get(Account, Found, #{}),
                Found#{Account => maps:update_with(Name, fun(N) -> N + 1 end, 1, Tables)};
            false ->
                Found
        end
    end,
    Look = fun(Rows, Found) ->
        Oids = [{Name, element(2, Record)} || {_, Name, Record} <- Rows],
        lists:foldl(Count, Found, lists:zip(Rows, ejtui_owned:read(Node, Oids)))
    end,
    Row = fun(Account, Name, Record, {Rows, Found}) ->
        ejtui_owned:gathered({Account, Name, Record}, Rows, Look, Found)
    end,
    {Rows, Found} = each(Source, Asked, There, Row, {[], #{}}),
    Look(Rows, Found).

lacks(bag, Record, Held) -> not lists:member(Record, Held);
lacks(_, _, Held) -> Held =:= [].

held(Node, Table, Key) ->
    ejtui_rpc:value(ejtui_rpc:call(Node, mnesia, dirty_read, [Table, Key], bound()), []).

%% Records that are not brought over and that the cluster has not, by table, and why.
left_out(Source, Tables, Fit, Node) ->
    Others = maps:without(maps:keys(Fit) ++ ejtui_places:tables(), Tables),
    There = ejtui_rpc:value(ejtui_rpc:call(Node, mnesia, system_info, [tables], bound())),
    Count = fun({{Name, Record}, Held}, Found) ->
        case lists:member(Record, Held) of
            true -> Found;
            false -> maps:update_with(Name, fun(N) -> N + 1 end, 1, Found)
        end
    end,
    Look = fun(Rows, Found) ->
        {Known, Unknown} = lists:partition(fun({Name, _}) -> lists:member(Name, There) end, Rows),
        Held = ejtui_owned:read(Node, [{Name, element(2, Record)} || {Name, Record} <- Known]),
        lists:foldl(Count, Found, lists:zip(Known, Held) ++ [{Row, []} || Row <- Unknown])
    end,
    Row = fun(Name, Record, {Rows, Found}) ->
        ejtui_owned:gathered({Name, Record}, Rows, Look, Found)
    end,
    {Rows, Found} = ejtui_fit:fold(Source, Others, Row, {[], #{}}),
    [#{table => Name, records => Number, why => why_not(maps:get(Name, Tables), Node, Name)}
     || {Name, Number} <- lists:sort(maps:to_list(Look(Rows, Found)))].

why_not(Definition, Node, Name) ->
    case {ejtui_owned:keyed(Definition), ejtui_owned:definition(Node, Name)} of
        {false, _} -> <<"its records are not kept by account">>;
        {true, #{attributes := none}} -> <<"the cluster has no such table">>;
        {true, _} -> <<"the cluster's table has other attributes">>
    end.

brought(Source, Node, Accounts, Must) ->
    Wanted = maps:from_list([{Account, wanted} || Account <- Accounts]),
    Fit = fitting(Node, ejtui_kept:tables(Source)),
    Store = ets:new(brought, [bag, public]),  % a backup is read by a process of Mnesia's
    each(Source, Fit, Wanted, fun(Account, Name, Record, ok) ->
        (Name =/= passwd orelse readable([Record]))
            andalso ets:insert(Store, {Account, Name, Record}),
        ok
    end, ok),
    Total = length(Accounts),
    Form = password_form(Node),
    try
        [begin
            ejtui_probe:progress({Done, Total}),
            Rows = [in_form(Form, Node, Row) || Row <- ets:lookup(Store, Account)],
            written(Node, Fit, Account, Rows, Must)
        end || {Done, Account} <- lists:zip(lists:seq(1, Total), Accounts)]
    after
        ets:delete(Store),
        forget_caches(Node),
        lists:foreach(fun(Server) -> recount(Node, Server) end,
                      lists:usort([Server || {_, Server} <- Accounts]))
    end.

%% The form of password rows on Node: from 25.03 on their keys name the hash, and ejabberd converts
%% older rows when it starts, by a function of its own. A row that comes later has to be converted
%% so, too, or no ejabberd would ever read it.
password_form(Node) ->
    Old = {passwd, {<<>>, <<>>}, {scram, <<>>, <<>>, <<>>, sha, 1}},
    case converted(Node, Old) of
        {ok, {passwd, {<<>>, <<>>, sha}, _}} -> by_hash;
        _ -> by_account
    end.

in_form(by_hash, Node, {Account, passwd, {passwd, {_, _}, _} = Record}) ->
    {Account, passwd, ejtui_rpc:value(converted(Node, Record))};
in_form(_, _, Row) ->
    Row.

converted(Node, Record) ->
    ejtui_rpc:call(Node, ejabberd_auth_mnesia, transform, [Record], bound()).

written(Node, Fit, {User, Server} = Account, All, Must) ->
    Rows = [Row || {_, Name, _} = Row <- All, Must =:= absent orelse not_own(Name)],
    Grouped = lists:foldl(fun({_, Name, Record}, Found) ->
        Group = {Name, element(2, Record)},
        maps:update_with(Group, fun(Records) -> [Record | Records] end, [Record], Found)
    end, #{}, Rows),
    Items = [{Name, maps:get(type, maps:get(Name, Fit)), Key, Records}
             || {{Name, Key}, Records} <- maps:to_list(Grouped)],
    Own = [Key || {passwd, _, Key, _} <- Items],
    Own =/= [] orelse Must =:= present
        orelse ejtui_probe:refuse(no_account, ["not in the backup: ", User, "@", Server]),
    Guards = [{passwd, Key} || Key <- lists:usort(Own ++ ejtui_passwords:keys(Account))],
    case transaction(Node, Account, Items, Guards, Must, stale(Fit, Account, Must)) of
        there -> {User, Server, there};
        Said -> {User, Server, summed(Said)}
    end.

%% What an account that the cluster has keeps as it is there.
not_own(Name) -> not lists:member(Name, [passwd, roster_version, last_activity]).

%% A client that knows its contacts by version would not ask for those that come to them.
stale(Fit, Account, present) when is_map_key(roster_version, Fit) -> [{roster_version, Account}];
stale(_, _, _) -> [].

%% Writes Items, [{Table, Type, Key, Records}], where the cluster has nothing under them, if it has
%% (present) or has not (absent) something under Guards: [{Table, Written, Kept}] or there.
transaction(Node, What, Items, Guards, Must, Stale) ->
    Bound = [{'Items', Items}, {'Guards', Guards}, {'Must', Must}, {'Stale', Stale}],
    Call = [fun erl_eval:exprs/2, [program(), Bound]],
    case ejtui_rpc:call(Node, mnesia, sync_transaction, Call, 60000) of
        {ok, {atomic, {value, Said, _}}} -> Said;
        {ok, {aborted, Why}} -> failed(What, Why);
        {error, Why} -> failed(What, Why)
    end.

summed(Said) ->
    lists:foldl(fun({Name, Written, Kept}, Found) ->
        maps:update_with(Name, fun({W, K}) -> {W + Written, K + Kept} end, {Written, Kept}, Found)
    end, #{}, Said).

%% Run by the node inside the transaction: functions of this module do not exist there, and
%% nothing is loaded into it.
program() ->
    Text = "Held = lists:append([mnesia:read(Table, Key, write) || {Table, Key} <- Guards]),"
           " case (Held =:= []) =:= (Must =:= absent) of"
           " true -> Said = [begin"
           "     There = mnesia:read(Table, Key, write),"
           "     New = case {Type, There} of {bag, _} -> Records -- There; {_, []} -> Records;"
           "         _ -> [] end,"
           "     lists:foreach(fun(Record) -> ok = mnesia:write(Table, Record, write) end, New),"
           "     {Table, length(New), length((Records -- New) -- There)}"
           "   end || {Table, Type, Key, Records} <- Items],"
           "   [mnesia:delete(Table, Key, write) || {roster, Count, _} <- Said, Count > 0,"
           "                                        {Table, Key} <- Stale],"
           "   Said;"
           " false -> there"
           " end.",
    {ok, Tokens, _} = erl_scan:string(Text),
    {ok, Program} = erl_parse:parse_exprs(Tokens),
    Program.

%% Only the name of what went wrong: all of it could show a record.
-spec failed(term(), term()) -> no_return().
failed({_, Name, Host}, Why) -> failed({Name, Host}, Why);
failed({User, Server}, Why) ->
    ejtui_probe:refuse(transaction, [User, "@", Server, " was not written: ", named(Why)]).

named(Why) when is_atom(Why) -> ejtui_probe:text(Why);
named(Why) when is_tuple(Why), tuple_size(Why) > 0 -> named(element(1, Why));
named(_) -> <<"unknown">>.

%% Caches remember also that there is no such account.
forget_caches(Node) ->
    Running = ejtui_rpc:call(Node, mnesia, system_info, [running_db_nodes], bound()),
    lists:foreach(fun(Member) ->
        Ask = fun(M, F, A) ->
            ejtui_rpc:value(ejtui_rpc:call(Node, rpc, call, [Member, M, F, A, bound()], bound()))
        end,
        case Ask(ets_cache, all, []) of
            Caches when is_list(Caches) ->
                Ask(lists, foreach, [fun ets_cache:clear/1, Caches]);
            {badrpc, Why} ->
                ejtui_probe:refuse(caches, ["caches of ", ejtui_probe:text(Member),
                                            " were not emptied: ", named(Why)])
        end
    end, ejtui_rpc:value(Running)).

%% Ejabberd counts its accounts when it starts, and then only what it registers itself.
recount(Node, Server) ->
    case ejtui_owned:definition(Node, reg_users_counter) of
        #{attributes := [vhost, count]} ->
            Count = length([User || {User, Host} <- ejtui_accounts:all(Node), Host =:= Server]),
            Record = {reg_users_counter, Server, Count},
            ejtui_rpc:value(ejtui_rpc:call(Node, mnesia, dirty_write, [Record], bound()));
        _ ->
            ok
    end.

looked(Source, Node, Accounts) ->
    Wanted = maps:from_list([{Account, wanted} || Account <- Accounts]),
    Fit = fitting(Node, ejtui_kept:tables(Source)),
    Until = ejtui_passwords:until(),
    {Records, Same, Missing} = each(Source, Fit, Wanted, fun(Account, Name, Record, Seen) ->
        {All, Right, Wrong} = Seen,
        Held = held(Node, Name, element(2, Record)),
        case lists:member(Record, Held) of
            true -> {All + 1, Right + 1, Wrong};
            false -> {All + 1, Right, [missed(Account, Name)
                                       || not stands(Node, Account, Name, Record, Held, Until)]
                                      ++ Wrong}
        end
    end, {0, 0, []}),
    Known = ejtui_accounts:which(Node, Accounts),
    #{accounts => length(Accounts), records => Records, same => Same,
      missing => lists:usort(Missing), unknown => Accounts -- Known}.

%% Whether something else stands for a record: the cluster's own, or the same password otherwise.
stands(Node, Account, passwd, Record, _, Until) ->
    [Theirs] = ejtui_passwords:read(Node, [Account]),
    ejtui_passwords:compare([Record], Theirs, Until) =:= same;
stands(_, _, Name, _, Held, _) ->
    Held =/= [] orelse lists:member(Name, [offline_msg | ejtui_owned:untold()]).

missed({User, Server}, Name) -> {User, Server, Name}.

%% What fails here must not tell what it held.
guarded(Work) ->
    try Work()
    catch
        error:Reason:Stack ->
            [{Module, Function, _, _} | _] = Stack,
            ejtui_probe:refuse(crashed, [named(Reason), " in ", ejtui_probe:text(Module), ":",
                                         ejtui_probe:text(Function)])
    end.

bound() -> 10000.
