%% What a node's Mnesia says of itself and its tables, in as few calls as it takes.
-module(ejtui_mnesia).
-export([cookie/1, tables/2, progress/2, change/3, changes_schema/1]).

%% A schema's or table's cookie as a short digest, the same on every release.
cookie(undefined) -> undefined;
cookie(Cookie) ->
    Digest = crypto:hash(sha256, io_lib:format("~w", [Cookie])),
    binary:part(ejtui_os:hex(Digest), 0, 16).

%% All tables (the schema among them) as rows of #{name, storage, ...}, by one call; by a call
%% for each table when one of them vanished meanwhile.
tables(Node, Names) ->
    Pairs = [{Name, Item} || Name <- Names, Item <- items()],
    {Tabs, Items} = lists:unzip(Pairs),
    Query = [fun mnesia:table_info/2, Tabs, Items],
    Word = ejtui_rpc:call(Node, erlang, system_info, [wordsize], bound()),
    case ejtui_rpc:call(Node, lists, zipwith, Query, bound()) of
        {ok, Values} -> rows(Names, Values, ejtui_rpc:value(Word));
        {error, _} -> lists:append(one_by_one(Node, Names, Word))
    end.

one_by_one(_, [_], _) -> [];
one_by_one(Node, Names, _) -> ejtui_rpc:map(fun(Name) -> tables(Node, [Name]) end, Names).

rows([], [], _) ->
    [];
rows([Name | Names], Values, Word) ->
    {Own, Rest} = lists:split(length(items()), Values),
    [Storage, Ram, Disc, DiscOnly, Local, Type, Size, Memory, Where, Cookie] = Own,
    Row = #{name => Name, storage => Storage, ram_copies => Ram, disc_copies => Disc,
            disc_only_copies => DiscOnly, local_content => Local, type => Type,
            size => count(Size),
            memory => bytes(Storage, count(Memory), Word), where_to_read => Where,
            cookie => cookie(Cookie)},
    [Row | rows(Names, Rest, Word)].

count(Number) when is_integer(Number) -> Number;
count(_) -> 0.

%% Mnesia counts words in memory, and bytes on disc.
bytes(disc_only_copies, Memory, _) -> Memory;
bytes(_, Memory, Word) -> Memory * Word.

%% {Records, Bytes} of the table that Node has now in memory, also while it loads; {undefined,
%% Bytes} of its files where it is on disc only, or not in memory yet: what a disc holds cannot be
%% asked while it is written.
progress(Node, Table) ->
    Calls = #{size => {ets, info, [Table, size]}, memory => {ets, info, [Table, memory]},
              word => {erlang, system_info, [wordsize]},
              directory => {mnesia, system_info, [directory]}},
    Said = maps:map(fun(_, Value) -> ejtui_rpc:value(Value) end,
                    ejtui_rpc:all(Node, Calls, bound())),
    case Said of
        #{size := undefined, directory := Directory} -> {undefined, on_disc(Node, Directory, Table)};
        #{size := Size, memory := Memory, word := Word} -> {count(Size), count(Memory) * Word}
    end.

%% The bytes of the table's own file, or of the temporary ones that will become it.
on_disc(Node, Directory, Table) ->
    Own = atom_to_list(Table),
    {ok, Names} = ejtui_rpc:value(ejtui_rpc:call(Node, file, list_dir, [Directory], bound())),
    Coming = [Name || Name <- Names, lists:prefix(Own ++ ".TMP", Name)],
    Files = case Coming of [] -> [Own ++ ".DAT"]; _ -> Coming end,
    Paths = [filename:join(Directory, File) || File <- Files],
    Sizes = ejtui_rpc:call(Node, lists, map, [fun filelib:file_size/1, Paths], bound()),
    lists:sum(ejtui_rpc:value(Sizes)).

%% Whether a transaction on Node holds the schema, as one that copies a table does throughout.
changes_schema(Node) ->
    Locks = ejtui_rpc:value(ejtui_rpc:call(Node, mnesia, system_info, [held_locks], bound()), []),
    [] =/= [Lock || Lock <- Locks, element(1, element(1, Lock)) =:= schema].

%% A change of Mnesia's through Node, one of these alone: #{result, reason}. What is so already
%% is `already`, not an error.
change(Node, Function, Args) ->
    lists:member(Function, [add_table_copy, change_table_copy_type, del_table_copy,
                            move_table_copy, force_load_table, set_master_nodes, change_config,
                            wait_for_tables, dump_log, start, stop])
        orelse ejtui_probe:refuse(refused, ["not a change: ", ejtui_probe:text(Function)]),
    case ejtui_rpc:call(Node, mnesia, Function, Args, infinity_ms()) of
        {ok, Answer} -> outcome(Answer);
        {error, Reason} -> #{result => failed, reason => ejtui_probe:text(Reason)}
    end.

%% The question's own bound ends it earlier.
infinity_ms() -> 24 * 3600 * 1000.

outcome({atomic, ok}) -> done();
outcome(ok) -> done();
outcome(yes) -> done();
outcome(stopped) -> done();
outcome(dumped) -> done();
outcome({ok, Value}) -> (done())#{value => ejtui_probe:text(Value)};
outcome({aborted, {already_exists, _, _}} = A) -> already(A);
outcome({aborted, {already_exists, _, _, _}} = A) -> already(A);
outcome({aborted, {already_exists, _}} = A) -> already(A);
outcome({aborted, Reason}) -> #{result => aborted, reason => ejtui_probe:text(Reason)};
outcome(Other) -> #{result => failed, reason => ejtui_probe:text(Other)}.

done() -> #{result => done, reason => undefined}.

already({aborted, Reason}) -> #{result => already, reason => ejtui_probe:text(Reason)}.

bound() -> 2500.

items() ->
    [storage_type, ram_copies, disc_copies, disc_only_copies, local_content, type,
     size, memory, where_to_read, cookie].
