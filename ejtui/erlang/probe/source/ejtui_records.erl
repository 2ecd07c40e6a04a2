%% The records that an online backup restores. Its file holds more: what was written while it was
%% made stands there as it was found, then as {Table, Key}, which deletes that, then as it is kept.
-module(ejtui_records).
-export([fold/3, fold/4, replaced/2, readable/1]).

%% Fun(Record, Acc) over the schema's definitions and then the records.
fold(File, Fun, Acc) ->
    fold(File, replaced(File, fun(_) -> ok end), Fun, Acc).

%% The same with what replaced/2 gave: {ok, Acc} or {error, Reason}.
fold(File, Replaced, Fun, Acc) ->
    Each = fun(Record, {Left, In}) -> {[], one(Record, Left, Fun, In)} end,
    Name = unicode:characters_to_list(File),
    case mnesia:traverse_backup(Name, mnesia_backup, dummy, read_only, Each, {Replaced, Acc}) of
        {ok, {_, Out}} -> {ok, Out};
        {error, Reason} -> {error, Reason}
    end.

%% Whether Mnesia reads the file's header and its definitions: ok or {error, Reason}. No more of the
%% file is read.
readable(File) ->
    Name = unicode:characters_to_list(File),
    Enough = make_ref(),
    Stop = fun({schema, _, _}, Acc) -> {[], Acc}; (_, _) -> throw({error, Enough}) end,
    case mnesia:traverse_backup(Name, mnesia_backup, dummy, read_only, Stop, none) of
        {ok, _} -> ok;
        {error, {_, Enough}} -> ok;
        {error, Reason} -> {error, Reason}
    end.

one({_, _} = Key, Left, _, In) ->
    case Left of
        #{Key := 1} -> {maps:remove(Key, Left), In};
        #{Key := More} -> {Left#{Key := More - 1}, In}
    end;
one({schema, _, _} = Definition, Left, Fun, In) ->
    {Left, Fun(Definition, In)};
one(Record, Left, Fun, In) ->
    case is_map_key({element(1, Record), element(2, Record)}, Left) of
        true -> {Left, In};
        false -> {Left, Fun(Record, In)}
    end.

%% #{{Table, Key} => Times} of what is deleted within the file. Reads all of it, and refuses one
%% that is torn: Mnesia's own reading passes over that. Look(Terms) is called for each part.
replaced(File, Look) ->
    Name = unicode:characters_to_list(File),
    Options = [{name, make_ref()}, {file, Name}, {mode, read_only}, {repair, false}],
    case disk_log:open(Options) of
        {ok, Log} ->
            try found(Log, disk_log:chunk(Log, start), Name, Look, #{})
            after disk_log:close(Log)
            end;
        {error, Reason} ->
            ejtui_probe:refuse(backup, ejtui_probe:text(Reason))
    end.

found(_, eof, _, _, Found) ->
    Found;
found(Log, {Next, Terms}, Name, Look, Found) ->
    Look(Terms),
    Now = lists:foldl(fun noted/2, Found, Terms),
    found(Log, disk_log:chunk(Log, Next), Name, Look, Now);
found(_, _, Name, _, _) ->
    ejtui_probe:refuse(backup, [Name, " is torn"]).

noted({_, _} = Key, Found) -> maps:update_with(Key, fun(Times) -> Times + 1 end, 1, Found);
noted(_, Found) -> Found.
