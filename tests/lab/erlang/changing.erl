%% Tables that change all the time, and what they must hold after each change: what a backup that
%% was made meanwhile must restore exactly.
-module(changing).
-export([create/1, begin_changes/0, end_changes/0, restored/1, fallback/1, plain/1, tables/0,
         gone/0, await_second_checkpoint/0, backed_up/1, differences/2]).

%% Tables of every kind, with Records records in the large ones.
create(Records) ->
    Make = fun(Name, Options) -> {atomic, ok} = mnesia:create_table(Name, Options) end,
    Only = {disc_only_copies, [node()]},
    Make(account, [Only]),
    Make(message, [Only, {type, bag}]),
    Make(named, [Only, {record_name, other}]),
    Make(contact, [{disc_copies, [node()]}]),
    Make(passing, [{ram_copies, [node()]}]),
    Make(step, [{disc_copies, [node()]}]),
    lists:foreach(fun({Table, Record}) -> ok = mnesia:dirty_write(Table, Record) end,
                  lists:append([first(Key) || Key <- lists:seq(1, Records)])),
    ok = mnesia:dirty_write({step, one, 0}),
    ok = mnesia:dirty_write({step, size, Records}).

first(Key) ->
    [{account, {account, Key, {0, binary:copy(<<"x">>, 60)}}},
     {message, {message, Key, {0, a}}}, {message, {message, Key, {0, b}}},
     {named, {other, Key, 0}}, {contact, {contact, Key, 0}}].

%% A process that changes what change/2 says for the next number and so on, a transaction each.
begin_changes() -> changing_from(fun() -> ok end).

changing_from(Ready) ->
    [{step, _, Size}] = mnesia:dirty_read(step, size),
    [{step, _, Last}] = mnesia:dirty_read(step, one),
    Me = self(),
    register(changing, spawn(fun() -> Me ! ready, Ready(), changes(Last + 1, Size) end)),
    receive ready -> ok end.

%% A checkpoint for Mnesia's own backup; nothing changes until somebody else makes one, too: then
%% both are of the same moment, and from it on all changes.
await_second_checkpoint() ->
    {ok, theirs, _} = mnesia:activate_checkpoint([{name, theirs}, {max, [step | tables()]}]),
    changing_from(fun second_checkpoint/0).

second_checkpoint() ->
    case mnesia:system_info(checkpoints) of
        [_, _ | _] -> ok;
        _ -> timer:sleep(1), second_checkpoint()
    end.

%% Mnesia's own backup of that checkpoint, written while all changes.
backed_up(File) ->
    ok = mnesia:backup_checkpoint(theirs, File),
    mnesia:deactivate_checkpoint(theirs).

end_changes() ->
    changing ! {stop, self()},
    receive {stopped, Last} -> Last end.

%% A millisecond between them: many fall into each backup, and other programs run, too.
changes(N, Size) ->
    receive {stop, From} -> From ! {stopped, N - 1}
    after 1 ->
        {atomic, ok} = mnesia:transaction(fun() ->
            lists:foreach(fun applied/1, change(N, Size)),
            mnesia:write({step, one, N})
        end),
        changes(N + 1, Size)
    end.

applied({write, Table, Record}) -> mnesia:write(Table, Record, write);
applied({delete, Table, Key}) -> mnesia:delete(Table, Key, write);
applied({delete_object, Table, Record}) -> mnesia:delete_object(Table, Record, write).

%% Keys all over the tables, new ones, and such as were there: some go, some come back.
change(N, Size) ->
    Key = erlang:phash2({N, key}, Size) + 1,
    Other = erlang:phash2({N, other}, Size) + 1,
    [{write, account, {account, Key, {N, <<"changed">>}}},
     {delete, account, Other},
     {write, account, {account, Size + N, {N, <<"new">>}}},
     {write, message, {message, Key, {N, c}}},
     {delete_object, message, {message, Other, {0, a}}},
     {write, named, {other, Key, N}},
     {delete, named, Other},
     {write, contact, {contact, Key, N}}].

%% What the tables hold after change N: #{Table => [Record]}, sorted.
after_change(N, Size) ->
    Start = maps:from_list([{Table, []} || Table <- tables()]),
    Put = fun({Table, Record}, In) ->
        maps:update_with(Table, fun(Records) -> [Record | Records] end, In)
    end,
    Begun = lists:foldl(Put, Start, lists:append([first(Key) || Key <- lists:seq(1, Size)])),
    Sets = maps:map(fun(_, Records) -> lists:foldl(fun by_key/2, #{}, Records) end, Begun),
    Changed = lists:foldl(fun(Number, In) ->
        lists:foldl(fun noted/2, In, change(Number, Size))
    end, Sets, lists:seq(1, N)),
    maps:map(fun(_, Keys) -> lists:sort(lists:append(maps:values(Keys))) end, Changed).

by_key(Record, Keys) ->
    maps:update_with(element(2, Record), fun(Records) -> [Record | Records] end, [Record], Keys).

noted({write, message, Record}, In) ->
    Keys = maps:get(message, In),
    Had = maps:get(element(2, Record), Keys, []),
    In#{message => Keys#{element(2, Record) => lists:usort([Record | Had])}};
noted({write, Table, Record}, In) ->
    In#{Table => (maps:get(Table, In))#{element(2, Record) => [Record]}};
noted({delete, Table, Key}, In) ->
    In#{Table => maps:remove(Key, maps:get(Table, In))};
noted({delete_object, Table, Record}, In) ->
    Keys = maps:get(Table, In),
    Had = maps:get(element(2, Record), Keys, []),
    In#{Table => Keys#{element(2, Record) => lists:delete(Record, Had)}}.

tables() -> [account, message, named, contact].

%% {Step, same} when the tables hold exactly what they held after that change.
held() ->
    [{step, _, N}] = mnesia:dirty_read(step, one),
    [{step, _, Size}] = mnesia:dirty_read(step, size),
    Should = after_change(N, Size),
    Do = maps:from_list([{Table, contents(Table)} || Table <- tables()]),
    case Do of
        Should -> {N, same};
        _ -> {N, [{Table, maps:get(Table, Should) -- maps:get(Table, Do),
                   maps:get(Table, Do) -- maps:get(Table, Should)} || Table <- tables()]}
    end.

contents(Table) ->
    {atomic, Records} = mnesia:transaction(fun() ->
        mnesia:foldl(fun(Record, All) -> [Record | All] end, [], Table)
    end),
    lists:sort(Records).

restored(File) ->
    Own = [step | tables()],
    {atomic, _} = mnesia:restore(File, [{default_op, skip_tables}, {recreate_tables, Own}]),
    held().

fallback(File) ->
    ok = mnesia:install_fallback(File),
    stopped = mnesia:stop(),
    ok = mnesia:start(),
    ok = mnesia:wait_for_tables([step | tables()], 60000),
    held().

gone() ->
    lists:foreach(fun(Table) -> {atomic, ok} = mnesia:delete_table(Table) end,
                  [step, passing | tables()]).

%% The records of a backup, as mnesia_backup reads them, without the schema's cookie. (A table with
%% this name of Mnesia's own, serial, would not start from any fallback: hence step.)
plain(File) ->
    Each = fun({schema, schema, Options}, All) ->
                   {[], [{schema, schema, lists:keydelete(cookie, 1, Options)} | All]};
              (Record, All) ->
                   {[], [Record | All]}
           end,
    {ok, All} = mnesia:traverse_backup(File, mnesia_backup, dummy, read_only, Each, []),
    lists:sort(All).

%% What one backup restores and the other does not, and the other way round.
differences(One, Other) ->
    Ours = restores(One),
    Theirs = restores(Other),
    {length(Theirs), Ours -- Theirs, Theirs -- Ours}.

%% The records that restoring a backup leaves in the tables: a key alone deletes what came before.
restores(File) ->
    Own = [step | tables()],
    Each = fun(Item, In) ->
        case lists:member(element(1, Item), Own) of
            true -> {[], item(Item, In)};
            false -> {[], In}
        end
    end,
    {ok, All} = mnesia:traverse_backup(File, mnesia_backup, dummy, read_only, Each, #{}),
    lists:sort(lists:append(maps:values(All))).

item({Table, Key}, In) ->
    maps:remove({Table, Key}, In);
item(Record, In) when element(1, Record) =:= message ->
    Key = {message, element(2, Record)},
    In#{Key => lists:usort([Record | maps:get(Key, In, [])])};
item(Record, In) ->
    In#{{element(1, Record), element(2, Record)} => [Record]}.
