%% Accounts of a database that lies in files, brought into a running cluster through one of its
%% nodes. An account that is there already is never touched. Nothing of a password leaves here.
-module(ejtui_bring).
-export([content/1, offer/2, bring/3, look/3]).

%% #{accounts => [{User, Server}], tables => #{Table => Records}, doubts => [Line]}: what Source
%% holds, whatever a cluster has.
content(Source) -> guarded(fun() -> contained(Source) end).

%% #{accounts => [#{user, server, state, passwords, holds => #{Table => Records}}],
%%   left_out => [#{table, why, records}], doubts => [Line]}: what Source holds of accounts, against
%% what Node has. A state is new, same (there, with this very password), taken (there, with
%% another) or unserved (nobody serves its host).
offer(Source, Node) -> guarded(fun() -> offered(Source, Node) end).

%% Writes Accounts through Node, each in a transaction of its own, unless it is there by then:
%% [{User, Server, #{Table => {Written, Kept}} | there}]. Kept are records of the cluster under
%% the same keys, which stay. Then every member's caches are emptied and its accounts counted.
bring(Source, Node, Accounts) -> guarded(fun() -> brought(Source, Node, Accounts) end).

%% Reads Accounts back through Node: #{accounts, records, same, missing => [{User, Server, Table}],
%% unknown => [{User, Server}]}; `unknown` are those that ejabberd there does not know.
look(Source, Node, Accounts) -> guarded(fun() -> looked(Source, Node, Accounts) end).

contained(Source) ->
    Tables = ejtui_kept:tables(Source),
    Count = fun(Name, _, Found) -> maps:update_with(Name, fun(N) -> N + 1 end, Found) end,
    #{accounts => lists:sort(maps:keys(passwords(Source, Tables))),
      tables => ejtui_kept:fold(Source, Tables, Count, maps:map(fun(_, _) -> 0 end, Tables)),
      doubts => ejtui_kept:doubts(Source, Tables)}.

offered(Source, Node) ->
    Tables = ejtui_kept:tables(Source),
    Fit = fitting(Node, Tables),
    is_map_key(passwd, Fit)
        orelse ejtui_probe:refuse(no_passwd, "no table of passwords that both sides have alike"),
    Passwords = passwords(Source, Fit),
    Held = holdings(Source, Fit, Passwords),
    States = states(Node, Passwords),
    #{accounts => [account(Account, maps:get(Account, States), Records, Held)
                   || {Account, Records} <- lists:sort(maps:to_list(Passwords))],
      left_out => left_out(Source, Tables, Fit, Passwords, Node),
      doubts => ejtui_kept:doubts(Source, Tables)}.

account({User, Server} = Account, State, Records, Held) ->
    #{user => User, server => Server, state => State, holds => maps:get(Account, Held, #{}),
      passwords => lists:usort([kind(element(3, Record)) || Record <- Records])}.

%% What kind of password a record keeps; the record itself is ejabberd's business.
kind(Password) when is_binary(Password) -> <<"plain">>;
kind(Scram) when is_tuple(Scram), element(1, Scram) =:= scram ->
    case [Hash || Hash <- tuple_to_list(Scram), lists:member(Hash, [sha, sha256, sha512])] of
        [sha256 | _] -> <<"SCRAM-SHA-256">>;
        [sha512 | _] -> <<"SCRAM-SHA-512">>;
        _ -> <<"SCRAM-SHA-1">>
    end;
kind(_) -> <<"of an unknown kind">>.

%% Tables with account data that the node's database has just so: #{Table => Definition}.
fitting(Node, Tables) ->
    Keyed = maps:filter(fun(_, Definition) -> ejtui_owned:keyed(Definition) end, Tables),
    Running = ejtui_owned:definitions(Node, maps:keys(Keyed)),
    maps:filter(fun(Name, Definition) -> maps:get(Name, Running) =:= Definition end, Keyed).

%% #{Account => [Record]} of the passwords.
passwords(Source, Fit) ->
    Table = maps:with([passwd], Fit),
    ejtui_kept:fold(Source, Table, fun(_, Record, Found) ->
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
    ejtui_kept:fold(Source, Fit, fun(Name, Record, In) ->
        case ejtui_owned:owner(maps:get(Name, Keys), element(2, Record)) of
            Account when is_map_key(Account, Wanted) -> Fun(Account, Name, Record, In);
            _ -> In
        end
    end, Acc).

states(Node, Passwords) ->
    Accounts = lists:sort(maps:keys(Passwords)),
    There = maps:from_list([{Account, yes} || Account <- ejtui_accounts:which(Node, Accounts)]),
    Hosts = ejtui_rpc:value(ejtui_rpc:call(Node, ejabberd_option, hosts, [], bound())),
    maps:map(fun({_, Server} = Account, Records) ->
        case {lists:member(Server, Hosts), There} of
            {false, _} -> unserved;
            {true, #{Account := yes}} -> compared(Node, Records);
            {true, _} -> new
        end
    end, Passwords).

compared(Node, Records) ->
    Keys = lists:usort([element(2, Record) || Record <- Records]),
    Held = lists:append([held(Node, passwd, Key) || Key <- Keys]),
    case lists:sort(Held) =:= lists:sort(Records) of
        true -> same;
        false -> taken
    end.

held(Node, Table, Key) ->
    ejtui_rpc:value(ejtui_rpc:call(Node, mnesia, dirty_read, [Table, Key], bound()), []).

%% Tables that are not brought over although they speak of these accounts, and why.
left_out(Source, Tables, Fit, Passwords, Node) ->
    Others = maps:without(maps:keys(Fit), Tables),
    Counts = ejtui_kept:fold(Source, Others, fun(Name, Record, Found) ->
        case mentions(tl(tuple_to_list(Record)), Passwords, 4) of
            true -> maps:update_with(Name, fun(N) -> N + 1 end, 1, Found);
            false -> Found
        end
    end, #{}),
    [#{table => Name, records => Count, why => why_not(maps:get(Name, Tables), Node, Name)}
     || {Name, Count} <- lists:sort(maps:to_list(Counts))].

mentions(_, _, 0) -> false;
mentions({User, Server}, Accounts, _) when is_map_key({User, Server}, Accounts) -> true;
mentions({User, Server, _}, Accounts, _) when is_map_key({User, Server}, Accounts) -> true;
mentions(Tuple, Accounts, Depth) when is_tuple(Tuple) ->
    mentions(tuple_to_list(Tuple), Accounts, Depth - 1);
mentions([Item | Rest], Accounts, Depth) ->
    mentions(Item, Accounts, Depth - 1) orelse mentions(Rest, Accounts, Depth);
mentions(_, _, _) -> false.

why_not(Definition, Node, Name) ->
    case {ejtui_owned:keyed(Definition), ejtui_owned:definition(Node, Name)} of
        {false, _} -> <<"its records are not kept by account">>;
        {true, #{attributes := none}} -> <<"the cluster has no such table">>;
        {true, _} -> <<"the cluster's table has other attributes">>
    end.

brought(Source, Node, Accounts) ->
    Wanted = maps:from_list([{Account, wanted} || Account <- Accounts]),
    Fit = fitting(Node, ejtui_kept:tables(Source)),
    Store = ets:new(brought, [bag, public]),  % a backup is read by a process of Mnesia's
    each(Source, Fit, Wanted, fun(Account, Name, Record, ok) ->
        ets:insert(Store, {Account, Name, Record}),
        ok
    end, ok),
    Total = length(Accounts),
    try
        [begin
            ejtui_probe:progress({Done, Total}),
            written(Node, Fit, Account, ets:lookup(Store, Account))
        end || {Done, Account} <- lists:zip(lists:seq(1, Total), Accounts)]
    after
        ets:delete(Store),
        forget_caches(Node),
        lists:foreach(fun(Server) -> recount(Node, Server) end,
                      lists:usort([Server || {_, Server} <- Accounts]))
    end.

written(Node, Fit, {User, Server} = Account, Rows) ->
    Grouped = lists:foldl(fun({_, Name, Record}, Found) ->
        Group = {Name, element(2, Record)},
        maps:update_with(Group, fun(All) -> [Record | All] end, [Record], Found)
    end, #{}, Rows),
    Items = [{Name, maps:get(type, maps:get(Name, Fit)), Key, Records}
             || {{Name, Key}, Records} <- maps:to_list(Grouped)],
    Own = [Key || {passwd, _, Key, _} <- Items],
    Own =/= [] orelse ejtui_probe:refuse(no_account, ["not in the backup: ", User, "@", Server]),
    Bound = [{'Items', Items}, {'Keys', lists:usort(Own ++ password_keys(Account))}],
    Call = [fun erl_eval:exprs/2, [program(), Bound]],
    case ejtui_rpc:call(Node, mnesia, sync_transaction, Call, 60000) of
        {ok, {atomic, {value, there, _}}} -> {User, Server, there};
        {ok, {atomic, {value, Said, _}}} -> {User, Server, summed(Said)};
        {ok, {aborted, Why}} -> failed(Account, Why);
        {error, Why} -> failed(Account, Why)
    end.

summed(Said) ->
    lists:foldl(fun({Name, Written, Kept}, Found) ->
        maps:update_with(Name, fun({W, K}) -> {W + Written, K + Kept} end, {Written, Kept}, Found)
    end, #{}, Said).

%% Keys that the account's password may have in the cluster; newer releases keep one for a hash.
password_keys({User, Server}) ->
    [{User, Server} | [{User, Server, Kind} || Kind <- [plain, sha, sha256, sha512]]].

%% Run by the node inside the transaction: functions of this module do not exist there, and
%% nothing is loaded into it.
program() ->
    Text = "case lists:append([mnesia:read(passwd, Key, write) || Key <- Keys]) of"
           " [] -> [begin"
           "     Held = mnesia:read(Table, Key, write),"
           "     New = case {Type, Held} of {bag, _} -> Records -- Held; {_, []} -> Records;"
           "         _ -> [] end,"
           "     lists:foreach(fun(Record) -> ok = mnesia:write(Table, Record, write) end, New),"
           "     {Table, length(New), length((Records -- New) -- Held)}"
           "   end || {Table, Type, Key, Records} <- Items];"
           " _ -> there"
           " end.",
    {ok, Tokens, _} = erl_scan:string(Text),
    {ok, Program} = erl_parse:parse_exprs(Tokens),
    Program.

%% Only the name of what went wrong: all of it could show a record.
-spec failed(term(), term()) -> no_return().
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
    {Records, Same, Missing} = each(Source, Fit, Wanted, fun(Account, Name, Record, Seen) ->
        {All, Right, Wrong} = Seen,
        Held = held(Node, Name, element(2, Record)),
        case {lists:member(Record, Held), Held} of
            {true, _} -> {All + 1, Right + 1, Wrong};
            {false, [_ | _]} when Name =/= passwd -> {All + 1, Right, Wrong};
            _ -> {All + 1, Right, [missed(Account, Name) | Wrong]}
        end
    end, {0, 0, []}),
    Known = ejtui_accounts:which(Node, Accounts),
    #{accounts => length(Accounts), records => Records, same => Same,
      missing => lists:usort(Missing), unknown => Accounts -- Known}.

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
