%% An online backup that reads large tables in bulk. Mnesia's own backup walks a table that is kept
%% on disc alone key by key: two calls into dets for each, about 2 MB a second.
%%
%% The file is what mnesia:backup writes while others write to the tables: a table's records as they
%% are found, then, for each key that was changed since the checkpoint, the key alone (it deletes
%% what came before) and the records that it had.
-module(ejtui_bulk).
-export([write/3]).

%% The database of the running Node, as it is at one moment, in File on Node's host: {ok, ok},
%% {ok, {error, Reason}} or {error, Reason}. Look() is called now and then.
write(Node, File, Look) ->
    Bound = [{'File', File}, {'Part', part(File)}],
    case ejtui_rpc:watched(Node, erl_eval, exprs, [program(), Bound], fun() -> Look(part(File)) end) of
        {ok, {value, Result, _}} -> {ok, Result};
        {error, Reason} -> {error, Reason}
    end.

part(File) -> File ++ ".part".

%% Run by the node: functions of this module do not exist there, and nothing is loaded into it.
program() ->
    Text = lists:append([waiting(), slots(), table(), written(), checkpoint()]),
    {ok, Tokens, _} = erl_scan:string(Text),
    {ok, Program} = erl_parse:parse_exprs(Tokens),
    Program.

%% A transaction that was committing when the checkpoint began may still be writing. One that is
%% there after five seconds was not committing: what it writes is kept by the checkpoint.
waiting() ->
    "Wait = fun Wait(_, 0) -> ok; Wait(Old, Left) ->"
    "     case [Tid || Tid <- mnesia:system_info(transactions), lists:member(Tid, Old)] of"
    "         [] -> ok;"
    "         Still -> receive after 10 -> Wait(Still, Left - 1) end"
    "     end"
    " end,".

%% dets keeps the records of a slot together and moves all of them when one is written: a reading
%% in bulk can miss those beside it. They are read again, by their slots' numbers, which do not
%% change while the table is fixed. Linear hashing; it is tried on the keys of the first records.
slots() ->
    " Slots = fun(Table, Keys) ->"
    "     {_, Used, _} = dets:info(Table, no_slots),"
    "     Low = 1 bsl (length(integer_to_list(Used, 2)) - 1),"
    "     lists:usort([begin Hash = erlang:phash2(Key), Slot = Hash band (Low - 1),"
    "         case Slot < Used - Low of true -> Hash band (2 * Low - 1); false -> Slot end"
    "     end || Key <- Keys])"
    " end,"
    " Beside = fun(Table, Keys) ->"
    "     lists:usort([element(2, Record) || Slot <- Slots(Table, Keys),"
    "         Objects <- [dets:slot(Table, Slot)], is_list(Objects), Record <- Objects])"
    " end,".

%% A table's records into the log: as they are found; those beside a changed one; those changed.
table() ->
    " Append = fun(Log, Point, Table) ->"
    "     Put = case mnesia:table_info(Table, record_name) of"
    "         Table -> fun(Records) -> ok = disk_log:log_terms(Log, Records) end;"
    "         _ -> fun(Records) -> ok = disk_log:log_terms(Log,"
    "                  [setelement(1, Record, Table) || Record <- Records]) end"
    "     end,"
    "     Bulk = fun"
    "         Bulk('$end_of_table') -> ok;"
    "         Bulk({Records, Next}) -> Put(Records), Bulk(dets:select(Next));"
    "         Bulk({error, Reason}) -> throw({error, Reason})"
    "     end,"
    "     Changed = fun(Do, Acc) ->"
    "         {ok, Out} = mnesia_checkpoint:iterate(Point, Table, Do, Acc, retainer, checkpoint), Out"
    "     end,"
    "     dets:safe_fixtable(Table, true),"
    "     Start = dets:select(Table, [{'_', [], ['$_']}], 500),"
    "     First = case Start of"
    "         {Some, _} -> lists:usort([element(2, Record) || Record <- lists:sublist(Some, 20)]);"
    "         _ -> []"
    "     end,"
    "     Bulk(Start),"
    "     There = Beside(Table, First),"
    "     Keys = Changed(fun(Records, Found) -> [Key || {_, Key} <- Records] ++ Found end, []),"
    "     (First -- There) -- Keys =:= [] orelse throw({error, {slots, Table}}),"
    "     lists:foreach(fun(Key) -> Put([{Table, Key} | dets:lookup(Table, Key)]) end,"
    "                   Beside(Table, Keys)),"
    "     Changed(fun(Records, ok) -> Put(Records) end, ok),"
    "     dets:safe_fixtable(Table, false)"
    " end,".

%% Mnesia writes the schema and all other tables, which waits until the checkpoint is active. So it
%% does with tables of very old releases, whose slots are numbered otherwise.
written() ->
    " Written = fun(Point, Tables) ->"
    "     Old = mnesia:system_info(transactions),"
    "     Large = [Table || Table <- Tables -- [schema],"
    "                       mnesia:table_info(Table, storage_type) =:= disc_only_copies,"
    "                       mnesia:table_info(Table, where_to_read) =:= node(),"
    "                       dets:info(Table, hash) =:= phash2],"
    "     case mnesia:backup_checkpoint(Point, Part, [{tables, Tables -- Large}]) of"
    "         ok ->"
    "             Wait(Old, 500),"
    "             {ok, Log} = disk_log:open([{name, Part}, {file, Part}, {repair, false}]),"
    "             try lists:foreach(fun(Table) -> Append(Log, Point, Table) end, Large),"
    "                 ok = disk_log:sync(Log)"
    "             after disk_log:close(Log) end,"
    "             file:rename(Part, File);"
    "         Error -> Error"
    "     end"
    " end,".

checkpoint() ->
    " Every = mnesia:system_info(tables),"
    " case mnesia:activate_checkpoint([{max, Every}, {ram_overrides_dump, false}]) of"
    "     {ok, Begun, _} ->"
    "         try Written(Begun, Every)"
    "         catch throw:Thrown -> Thrown; _:Why -> {error, Why}"
    "         after mnesia:deactivate_checkpoint(Begun), file:delete(Part) end;"
    "     Refused -> Refused"
    " end.".
