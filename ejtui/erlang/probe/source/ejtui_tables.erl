%% Tables of a running node beside those in an online backup of it: what the backup has and the
%% node has no more, and bringing exactly that back. What the node has now is never overwritten.
-module(ejtui_tables).
-export([look/3, bring_back/3]).

%% #{Table => #{kept, missing, present, definition}}: records in the backup, those of them that the
%% node has no more, and those it has now; definition is same, other (made again with another type
%% or local_content), gone, or columns (other attributes: nothing can be brought back).
look(Node, File, Tables) ->
    each(Node, File, Tables, fun(_, _, _) -> ok end).

%% The same after it was done; added is how many records were written.
bring_back(Node, File, Tables) ->
    Seen = look(Node, File, Tables),
    Now = maps:map(fun(Table, #{definition := How}) -> made(How, Node, File, Table) end, Seen),
    Able = [Table || {Table, ok} <- maps:to_list(Now)],
    _ = each(Node, File, Able, fun write/3),
    Left = look(Node, File, Able),
    maps:map(fun(Table, #{missing := Before} = Row) ->
        #{missing := After} = maps:get(Table, Left, Row),
        Row#{added => Before - After}
    end, Seen).

%% The table as the backup defines it, with what is in it now.
made(same, _, _, _) ->
    ok;
made(columns, _, _, _) ->
    left;
made(_, Node, File, Table) ->
    Present = present(Node, Table),
    Name = unicode:characters_to_list(File),
    Options = [{recreate_tables, [Table]}, {default_op, skip_tables}],
    case ejtui_rpc:call(Node, mnesia, restore, [Name, Options], long()) of
        {ok, {atomic, _}} -> put_back(Node, Table, Present);
        {ok, {aborted, Why}} -> failed(Table, Why);
        {error, Why} -> failed(Table, Why)
    end.

%% What was there before wins: it is newer than the backup.
put_back(_, _, []) ->
    ok;
put_back(Node, Table, Records) ->
    Times = length(Records),
    Call = [fun lists:zipwith3/4, [fun mnesia:write/3, lists:duplicate(Times, Table), Records,
                                   lists:duplicate(Times, write)]],
    case ejtui_rpc:call(Node, mnesia, transaction, Call, long()) of
        {ok, {atomic, _}} -> ok;
        {ok, {aborted, Why}} -> failed(Table, Why);
        {error, Why} -> failed(Table, Why)
    end.

present(Node, Table) ->
    Call = [Table, [{'_', [], ['$_']}]],
    ejtui_rpc:value(ejtui_rpc:call(Node, mnesia, dirty_select, Call, long()), []).

%% Goes through the backup, some hundred records of a table at a time.
each(_, _, [], _) ->
    #{};
each(Node, File, Tables, Write) ->
    Name = unicode:characters_to_list(File),
    filelib:is_regular(Name) orelse ejtui_probe:refuse(enoent, [File, ": no such file"]),
    Empty = maps:from_list([{Table, counted(Node, Table)} || Table <- Tables]),
    Step = fun(Record, Found) -> one(Node, Record, Found, Write) end,
    case ejtui_records:fold(Name, Step, Empty) of
        {ok, Found} ->
            maps:map(fun(Table, Row) ->
                maps:remove(waiting, flushed(Node, Table, Row, Write))
            end, Found);
        {error, Reason} ->
            ejtui_probe:refuse(backup, ejtui_probe:text(Reason))
    end.

counted(Node, Table) ->
    Size = ejtui_rpc:call(Node, mnesia, table_info, [Table, size], bound()),
    #{kept => 0, missing => 0, present => ejtui_rpc:value(Size, 0), definition => gone,
      type => set, waiting => []}.

one(Node, {schema, Table, Definition}, Found, _) when is_map_key(Table, Found) ->
    maps:update_with(Table, fun(Row) ->
        Row#{definition => compared(Node, Table, Definition),
             type => proplists:get_value(type, Definition, set)}
    end, Found);
one(Node, Record, Found, Write) when is_map_key(element(1, Record), Found) ->
    Table = element(1, Record),
    #{kept := Kept, waiting := Waiting} = Row = maps:get(Table, Found),
    More = Row#{kept => Kept + 1, waiting => [Record | Waiting]},
    case length(Waiting) + 1 >= most() of
        true -> Found#{Table => flushed(Node, Table, More, Write)};
        false -> Found#{Table => More}
    end;
one(_, _, Found, _) ->
    Found.

flushed(_, _, #{waiting := []} = Row, _) ->
    Row;
flushed(Node, Table, #{waiting := Waiting, missing := Missing, type := Type} = Row, Write) ->
    New = missing(Node, Table, Type, lists:reverse(Waiting), maps:get(definition, Row)),
    _ = New =/= [] andalso Write(Node, Table, New),
    Row#{missing => Missing + length(New), waiting => []}.

missing(_, _, _, Records, gone) ->
    Records;
missing(Node, Table, Type, Records, _) ->
    Keys = [element(2, Record) || Record <- Records],
    Query = [fun mnesia:dirty_read/2, lists:duplicate(length(Keys), Table), Keys],
    Held = ejtui_rpc:value(ejtui_rpc:call(Node, lists, zipwith, Query, long())),
    [Record || {Record, There} <- lists:zip(Records, Held), lacks(Type, Record, There)].

lacks(bag, Record, There) -> not lists:member(Record, There);
lacks(_, _, There) -> There =:= [].

%% Looks again within the transaction, so that what was written meanwhile stays.
write(Node, Table, Records) ->
    Bound = [{'Table', Table}, {'Records', Records}],
    Call = [fun erl_eval:exprs/2, [program(), Bound]],
    case ejtui_rpc:call(Node, mnesia, sync_transaction, Call, long()) of
        {ok, {atomic, _}} -> ok;
        {ok, {aborted, Why}} -> failed(Table, Why);
        {error, Why} -> failed(Table, Why)
    end.

program() ->
    Text = "Type = mnesia:table_info(Table, type),"
           " lists:foreach(fun(Record) ->"
           "     Held = mnesia:read(Table, element(2, Record), write),"
           "     case {Type, Held} of"
           "         {bag, _} -> lists:member(Record, Held) orelse"
           "             mnesia:write(Table, Record, write);"
           "         {_, []} -> mnesia:write(Table, Record, write);"
           "         _ -> ok"
           "     end end, Records).",
    {ok, Tokens, _} = erl_scan:string(Text),
    {ok, Program} = erl_parse:parse_exprs(Tokens),
    Program.

compared(Node, Table, Definition) ->
    Items = [{attributes, []}, {type, set}, {local_content, false}],
    Kept = [proplists:get_value(Item, Definition, Default) || {Item, Default} <- Items],
    Now = [ejtui_rpc:value(ejtui_rpc:call(Node, mnesia, table_info, [Table, Item], bound()), none)
           || {Item, _} <- Items],
    case {Kept, Now} of
        {Same, Same} -> same;
        {_, [none | _]} -> gone;
        {[Columns | _], [Columns | _]} -> other;
        _ -> columns
    end.

%% Only the name of what went wrong: all of it could show a record.
-spec failed(atom(), term()) -> no_return().
failed(Table, Why) ->
    ejtui_probe:refuse(transaction, [ejtui_probe:text(Table), " was not restored: ", named(Why)]).

named(Why) when is_atom(Why) -> ejtui_probe:text(Why);
named(Why) when is_tuple(Why), tuple_size(Why) > 0 -> named(element(1, Why));
named(_) -> <<"unknown">>.

most() -> 500.

bound() -> 5000.

%% The question's own bound ends it earlier.
long() -> 24 * 3600 * 1000.
