%% Accounts, asked through a running node.
-module(ejtui_accounts).
-export([count/3, all/1, elsewhere/1, outside/1, stored/1, which/2, read/2]).

%% How many accounts the node's database holds, or undefined when it cannot say. Where an ejabberd
%% that runs keeps accounts elsewhere than in Mnesia, it is asked.
count(Node, Ejabberd, Tables) ->
    case Ejabberd andalso not in_mnesia(Node) of
        true -> counted(Node);
        false -> in_table(Node, Ejabberd, Tables)
    end.

in_table(Node, Ejabberd, Tables) ->
    case [Row || #{name := passwd} = Row <- Tables] of
        [#{where_to_read := nowhere}] -> undefined;
        [#{storage := unknown}] -> remote_count(Node);
        [#{size := Size}] -> local_count(Node, Ejabberd, Size);
        [] when Ejabberd -> counted(Node);
        [] -> undefined
    end.

remote_count(Node) ->
    Call = [passwd, mnesia, table_info, [passwd, size]],
    case ejtui_rpc:call(Node, mnesia, dirty_rpc, Call, bound()) of
        {ok, Size} when is_integer(Size) -> Size;
        _ -> undefined
    end.

%% Newer releases may keep several records for an account, one for each password's hash.
local_count(_, _, 0) ->
    0;
local_count(Node, Ejabberd, Size) ->
    case ejtui_rpc:call(Node, mnesia, dirty_first, [passwd], bound()) of
        {ok, {_, _, _}} when Ejabberd -> counted(Node);
        {ok, {_, _, _}} -> length(keys(Node));
        _ -> Size
    end.

%% Whether ejabberd there keeps the accounts of all its hosts in Mnesia, as far as it says.
in_mnesia(Node) ->
    lists:all(fun({_, Method}) -> Method =:= [mnesia] end, methods(Node)).

%% The hosts of whose accounts none is in Mnesia, as far as ejabberd there says.
outside(Node) ->
    [Host || {Host, Methods} <- methods(Node), not lists:member(mnesia, Methods)].

methods(Node) ->
    Hosts = hosts(Node),
    Asked = [fun ejabberd_option:auth_method/1, Hosts],
    case ejtui_rpc:call(Node, lists, map, Asked, bound()) of
        {ok, Methods} -> lists:zip(Hosts, Methods);
        {error, _} -> []
    end.

hosts(Node) ->
    ejtui_rpc:value(ejtui_rpc:call(Node, ejabberd_option, hosts, [], bound()), []).

%% Of all hosts at once: a server of SQL's or LDAP's may not answer. None is left out.
counted(Node) ->
    Calls = maps:from_list([{Host, {ejabberd_auth, count_users, [Host]}} || Host <- hosts(Node)]),
    Counts = maps:values(ejtui_rpc:all(Node, Calls, count_bound())),
    Numbers = [Count || {ok, Count} <- Counts, is_integer(Count)],
    case length(Numbers) =:= length(Counts) andalso Numbers =/= [] of
        true -> lists:sum(Numbers);
        false -> undefined
    end.

%% [{User, Server}] of all accounts: through ejabberd where it runs, else from the table.
all(Node) ->
    case ejabberd_runs(Node) of
        true ->
            Users = ejtui_rpc:call(Node, ejabberd_auth, get_users, [], long()),
            lists:usort(ejtui_rpc:value(Users));
        false ->
            keys(Node)
    end.

%% Whether an ejabberd that runs keeps accounts of any host elsewhere than in Node's database.
elsewhere(Node) -> ejabberd_runs(Node) andalso not in_mnesia(Node).

%% [{User, Server}] of all accounts in Node's own database, whatever ejabberd there makes of them.
stored(Node) ->
    Tables = ejtui_rpc:value(ejtui_rpc:call(Node, mnesia, system_info, [tables], bound())),
    case lists:member(passwd, Tables) of
        true -> keys(Node);
        false -> []
    end.

%% Those of Accounts that exist on Node.
which(Node, Accounts) ->
    case ejabberd_runs(Node) of
        true -> exist(Node, Accounts, length(Accounts), 0);
        false -> ordsets:intersection(lists:usort(Accounts), keys(Node))
    end.

%% Reads Accounts (or all those of another node, by its name) through Node, from the table (when
%% they are kept in Mnesia) and through ejabberd: #{asked, read, through, missing, where_to_read},
%% where no more than the first hundred of the missing are named. Node's own copy is read
%% in bulk; ejabberd is then asked for some accounts of each host (`through` in all), and for every
%% one where it lacks one of these.
read(Node, Other) when is_atom(Other) ->
    Seen = read(Node, all(Other)),
    Seen#{served => hosts(Other), unserved => hosts(Other) -- hosts(Node)};
read(Node, Accounts) ->
    Asked = lists:usort(Accounts),
    Where = ejtui_rpc:call(Node, mnesia, table_info, [passwd, where_to_read], bound()),
    Up = ejabberd_runs(Node),
    Outside = elsewhere(Node),
    Stored = case Where of {ok, _} -> stored(Node, Asked, Outside); _ -> Asked end,
    Some = case Where of {ok, Node} when not Outside -> spread(Stored); _ -> Stored end,
    {Read, Through} = case Up of
        true -> read_through(Node, Stored, Some);
        false -> {Stored, 0}
    end,
    #{asked => length(Asked),
      read => length(Read),
      through => Through,
      missing => lists:sublist(ordsets:subtract(Asked, Read), named()),
      hosts => by_host(Asked, Read),
      where_to_read => ejtui_rpc:value(Where, undefined)}.

%% [{Server, Asked, Read}].
by_host(Asked, Read) ->
    Here = counted_by_host(Read),
    [{Host, Count, maps:get(Host, Here, 0)}
     || {Host, Count} <- lists:sort(maps:to_list(counted_by_host(Asked)))].

counted_by_host(Accounts) ->
    lists:foldl(fun({_, Host}, Known) -> maps:update_with(Host, fun(N) -> N + 1 end, 1, Known) end,
                #{}, Accounts).

stored(_, Asked, true) -> Asked;
stored(Node, Asked, false) -> ordsets:intersection(Asked, keys(Node)).

read_through(Node, Stored, Some) ->
    Number = length(Some),
    case lists:usort(exist(Node, Some, Number, 0)) of
        Some -> {Stored, Number};
        Read when length(Stored) =:= Number -> {Read, Number};
        _ -> read_through(Node, Stored, Stored)
    end.

%% Some of the accounts (sorted) of each host.
spread(Accounts) ->
    Hosts = lists:foldl(fun({_, Server} = Account, Found) ->
        maps:update_with(Server, fun(Others) -> [Account | Others] end, [Account], Found)
    end, #{}, Accounts),
    lists:usort(lists:append([every(length(Own) div sample() + 1, Own)
                              || Own <- maps:values(Hosts)])).

every(Step, Own) ->
    Numbered = lists:zip(lists:seq(1, length(Own)), Own),
    [Account || {Number, Account} <- Numbered, Number rem Step =:= 0].

exist(_, [], _, _) ->
    [];
exist(Node, Accounts, Total, Done) ->
    {Now, Later} = lists:split(min(chunk(), length(Accounts)), Accounts),
    {Users, Servers} = lists:unzip(Now),
    Query = [fun ejabberd_auth:user_exists/2, Users, Servers],
    Said = ejtui_rpc:value(ejtui_rpc:call(Node, lists, zipwith, Query, long())),
    tell(Done, Done + length(Now), Total),
    Here = [Account || {Account, true} <- lists:zip(Now, Said)],
    Here ++ exist(Node, Later, Total, Done + length(Now)).

%% About a hundred times in all.
tell(Before, Done, Total) ->
    Share = max(chunk(), Total div 100),
    (Done =:= Total orelse Done div Share > Before div Share)
        andalso ejtui_probe:progress({Done, Total}).

keys(Node) ->
    Keys = ejtui_rpc:value(ejtui_rpc:call(Node, mnesia, dirty_all_keys, [passwd], long())),
    lists:usort([{element(1, Key), element(2, Key)} || Key <- Keys]).

ejabberd_runs(Node) ->
    Up = ejtui_rpc:call(Node, application, which_applications, [bound()], bound()),
    lists:keymember(ejabberd, 1, ejtui_rpc:value(Up)).

bound() -> 5000.

count_bound() -> 2500.

%% What grows with the accounts; the question's own bound ends it earlier.
long() -> 3600 * 1000.

named() -> 100.

%% So many accounts of a host at most are asked of ejabberd where its table was read.
sample() -> 1000.

chunk() -> 500.
