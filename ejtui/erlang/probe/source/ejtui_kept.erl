%% A database that lies in files, read without Mnesia: a directory of Mnesia's own files that
%% nobody writes any more, or one file of an online backup. Nothing of it is changed.
%%
%% Mnesia's end does not empty its log: what was changed since the last dump stands in LATEST.LOG
%% alone, so that the tables are their files and then the logged changes.
-module(ejtui_kept).
-export([tables/1, fold/4, doubts/2, one/2]).

%% Source is {directory, Path} or {file, Path}.
%% #{Table => #{attributes, type, record_name}} of the tables that are kept on disc.
tables(Source) ->
    Found = definitions(Source),
    map_size(Found) =< most() orelse
        ejtui_probe:refuse(strange, ["it has more than ", integer_to_list(most()), " tables"]),
    Found.

definitions({directory, Dir}) ->
    dets_fold(filename:join(Dir, <<"schema.DAT">>), set, fun defined/2, #{});
definitions({file, File}) ->
    backup_fold(File, fun defined/2, #{}).

%% So many tables no ejabberd has: each is a name that a running node keeps for ever.
most() -> 1000.

%% Fun(Table, Record, Acc) over all records of Tables (as from tables/1), a table at a time or,
%% in an online backup, as they come.
fold({directory, Dir}, Tables, Fun, Acc) ->
    Changes = changes(Dir, Tables),
    maps:fold(fun(Name, Definition, In) ->
        Table = loaded(Dir, Name, Definition, lists:reverse(maps:get(Name, Changes, []))),
        Out = ets:foldl(fun(Record, Now) -> Fun(Name, Record, Now) end, In, Table),
        ets:delete(Table),
        Out
    end, Acc, Tables);
fold({file, File}, Tables, Fun, Acc) ->
    backup_fold(File, fun(Record, In) ->
        Name = element(1, Record),
        case Tables of
            #{Name := #{record_name := Own}} ->
                Fun(Name, setelement(1, Record, Own), In);
            _ ->
                In
        end
    end, Acc).

%% What makes it doubtful that the files hold everything, as lines.
doubts({file, _}, _) ->
    [];
doubts({directory, Dir}, Tables) ->
    Torn = [[Name, " has bytes that cannot be read"]
            || Name <- logs() ++ log_files(Tables),
               log_fold(filename:join(Dir, Name), fun(_, Sum) -> Sum end, 0) =/= {0, 0}],
    Open = [[Name, " was never closed: it is read from a mended copy"]
            || {Table, #{type := Type}} <- maps:to_list(Tables),
               Name <- [<<(ejtui_probe:text(Table))/binary, ".DAT">>],
               is_open(filename:join(Dir, Name), Type)],
    [ejtui_probe:text(Line) || Line <- ended(Dir) ++ undecided(Dir) ++ Torn ++ Open].

%% What can be read of one of Mnesia's files that is not as it was: #{records, unread}, where a
%% log's records are its changes; of schema.DAT its schema's cookie, too. Refused where Mnesia would
%% not open it.
one(Dir, Name) ->
    File = filename:join(Dir, Name),
    {Records, Unread} = counted(File, filename:extension(Name)),
    #{records => Records, unread => Unread, cookie => schema_cookie(Dir, Name)}.

schema_cookie(Dir, <<"schema.DAT">>) ->
    case ejtui_disk:schema(Dir) of
        #{cookie := Cookie} when is_binary(Cookie) -> Cookie;
        _ -> <<>>
    end;
schema_cookie(_, _) ->
    <<>>.

counted(File, End) when End =:= <<".DAT">> ->
    Count = fun(_, Sum) -> Sum + 1 end,
    Found = any_fold(File, [set, bag, index], Count, 0),
    is_integer(Found) orelse unreadable(File, damaged),
    {Found, 0};
counted(File, End) when End =:= <<".DCD">>; End =:= <<".DCL">>; End =:= <<".LOG">> ->
    log_fold(File, fun(Term, Sum) when element(1, Term) =:= log_header -> Sum;
                      (_, Sum) -> Sum + 1
                   end, 0);
counted(_, _) ->
    {0, 0}.

%% A table is opened as what it was made as.
any_fold(File, [Type], Fun, Acc) ->
    dets_fold(File, Type, Fun, Acc);
any_fold(File, [Type | Types], Fun, Acc) ->
    try dets_fold(File, Type, Fun, Acc)
    catch throw:{refused, _, _} -> any_fold(File, Types, Fun, Acc)
    end.

ended(Dir) ->
    case head(filename:join(Dir, <<"LATEST.LOG">>)) of
        {ok, <<1, 2, 3, 4, 99, 88, 77, 11>>} -> [];
        enoent -> [];
        _ -> ["Mnesia was ended out of order (LATEST.LOG was never closed): "
              "its very last changes may be missing"]
    end.

head(File) ->
    case file:open(File, [read, raw, binary]) of
        {ok, Device} ->
            Read = file:read(Device, 8),
            ok = file:close(Device),
            Read;
        {error, Reason} ->
            Reason
    end.

undecided(Dir) ->
    Decided = decided(Dir),
    Count = fun({commit, _, {decision, Tid, _, _, _}, _, Disc, Only, _, _}, Sum)
                  when not is_map_key(Tid, Decided), {Disc, Only} =/= {[], []} -> Sum + 1;
               (_, Sum) -> Sum
            end,
    case lists:sum([element(1, log_fold(filename:join(Dir, Log), Count, 0)) || Log <- logs()]) of
        0 -> [];
        Sum -> [[integer_to_list(Sum), " changes were begun and never decided: left out"]]
    end.

%% #{Transaction => committed | aborted} as far as the logs say. Those that span tables of
%% different storage are logged before they are decided.
decided(Dir) ->
    Collect = fun Collect({decision, Tid, Outcome, _, _}, Found)
                        when Outcome =:= committed; Outcome =:= aborted ->
                      Found#{Tid => Outcome};
                  Collect({decision_list, List}, Found) ->
                      lists:foldl(Collect, Found, List);
                  Collect(_, Found) ->
                      Found
              end,
    Logs = logs() ++ [<<"DECISION_TAB.LOG">>, <<"PDECISION.LOG">>, <<"DECISION.LOG">>],
    lists:foldl(fun(Log, Found) ->
        element(1, log_fold(filename:join(Dir, Log), Collect, Found))
    end, #{}, Logs).

log_files(Tables) ->
    [<<(ejtui_probe:text(Name))/binary, End/binary>>
     || Name <- maps:keys(Tables), End <- [<<".DCD">>, <<".DCL">>]].

%% A definition that is none is passed over: length() is for lists that end as lists do.
defined({schema, Name, Definition}, Found)
        when is_atom(Name), Name =/= schema, length(Definition) > 0 ->
    Get = fun(Key, Default) -> proplists:get_value(Key, Definition, Default) end,
    Kept = {Get(disc_copies, []), Get(disc_only_copies, [])} =/= {[], []},
    case {Kept, Get(attributes, []), Get(record_name, Name)} of
        {true, [Key | _] = Attributes, Own} when is_atom(Key), length(Attributes) > 0, is_atom(Own) ->
            Found#{Name => #{attributes => Attributes, type => Get(type, set), record_name => Own}};
        _ ->
            Found
    end;
defined(_, Found) ->
    Found.

%% A table of this process's own with what the files and then the logs say.
loaded(Dir, Name, #{type := Type}, Changes) ->
    Table = ets:new(kept, [set_or_bag(Type), {keypos, 2}]),
    Base = filename:join(Dir, ejtui_probe:text(Name)),
    Put = fun(Record, ok) -> put_record(Table, Record) end,
    ok = dets_fold(<<Base/binary, ".DAT">>, Type, Put, ok),
    {ok, _} = log_fold(<<Base/binary, ".DCD">>, Put, ok),
    {ok, _} = log_fold(<<Base/binary, ".DCL">>, fun(Op, ok) -> change(Table, Op) end, ok),
    lists:foreach(fun(Op) -> change(Table, Op) end, Changes),
    Table.

put_record(_, Head) when element(1, Head) =:= log_header -> ok;
put_record(Table, Record) when tuple_size(Record) > 1 -> ets:insert(Table, Record), ok;
put_record(_, _) -> ok.

change(Table, {_, Record, write}) -> put_record(Table, Record);
change(Table, {{_, Key}, _, delete}) -> ets:delete(Table, Key), ok;
change(Table, {_, Record, delete_object}) when is_tuple(Record) ->
    ets:delete_object(Table, Record), ok;
change(Table, {_, _, clear_table}) -> ets:delete_all_objects(Table), ok;
change(_, _) -> ok.

%% #{Table => [Change]}, the last first, of what was committed since Mnesia's last dump.
changes(Dir, Tables) ->
    Decided = decided(Dir),
    Sort = fun(Op, Found) -> sorted(Op, Tables, Found) end,
    Collect = fun({commit, _, Decision, _, Disc, Only, _, _}, Found) ->
                      case committed(Decision, Decided) of
                          true -> lists:foldl(Sort, Found, Disc ++ Only);
                          false -> Found
                      end;
                 (_, Found) ->
                      Found
              end,
    lists:foldl(fun(Log, Found) ->
        element(1, log_fold(filename:join(Dir, Log), Collect, Found))
    end, #{}, logs()).

committed(presume_commit, _) -> true;
committed({decision, Tid, _, _, _}, Decided) -> maps:get(Tid, Decided, undecided) =:= committed;
committed(_, _) -> false.

sorted({{Name, _}, _, _} = Op, Tables, Found) when is_map_key(Name, Tables) ->
    maps:update_with(Name, fun(Ops) -> [Op | Ops] end, [Op], Found);
sorted(_, _, Found) ->
    Found.

logs() -> [<<"PREVIOUS.LOG">>, <<"LATEST.LOG">>].

%% {Acc, UnreadableBytes}; a file that is not there has nothing in it.
log_fold(File, Fun, Acc) ->
    Name = unicode:characters_to_list(File),
    Options = [{name, make_ref()}, {file, Name}, {mode, read_only}, {repair, false}],
    case filelib:is_regular(Name) andalso disk_log:open(Options) of
        false ->
            {Acc, 0};
        {ok, Log} ->
            Out = chunks(Log, disk_log:chunk(Log, start), Fun, Acc, 0),
            ok = disk_log:close(Log),
            Out;
        {error, Reason} ->
            unreadable(Name, element(1, Reason))
    end.

chunks(_, eof, _, Acc, Bad) ->
    {Acc, Bad};
chunks(_, {error, _}, _, Acc, Bad) ->
    {Acc, Bad + 1};
chunks(Log, {Next, Terms}, Fun, Acc, Bad) ->
    chunks(Log, disk_log:chunk(Log, Next), Fun, lists:foldl(Fun, Acc, Terms), Bad);
chunks(Log, {Next, Terms, More}, Fun, Acc, Bad) ->
    chunks(Log, disk_log:chunk(Log, Next), Fun, lists:foldl(Fun, Acc, Terms), Bad + More).

dets_fold(File, Type, Fun, Acc) ->
    case {filelib:is_regular(File), dets_open(File, Type, read)} of
        {false, _} -> Acc;
        {true, {ok, Table}} -> dets_done(Table, Fun, Acc);
        {true, {error, _}} -> mended_fold(File, Type, Fun, Acc)
    end.

%% dets mends a table that was not closed when it opens it; that must not be the original.
mended_fold(File, Type, Fun, Acc) ->
    Read = fun(Copy) ->
        case dets_open(Copy, Type, read_write) of
            {ok, Table} -> {read, dets_done(Table, Fun, Acc)};
            {error, _} -> unreadable(File, damaged)
        end
    end,
    case ejtui_disk:with_copy(File, Read) of
        {read, Out} -> Out;
        {error, Reason} -> ejtui_probe:refuse(Reason, ["a copy of ", ejtui_probe:text(File),
                               " could not be written: ", file:format_error(Reason)])
    end.

dets_done(Table, Fun, Acc) ->
    try dets:foldl(Fun, Acc, Table)
    after
        dets:close(Table)
    end.

dets_open(File, Type, Access) ->
    dets:open_file(make_ref(), [{file, unicode:characters_to_list(File)}, {keypos, key(Type)},
                                {type, set_or_bag(Type)}, {access, Access}, {repair, Access =/= read}]).

%% What Mnesia writes for a column that it has an index of.
key(index) -> 1;
key(_) -> 2.

is_open(File, Type) ->
    case filelib:is_regular(File) andalso dets_open(File, Type, read) of
        false -> false;
        {ok, Table} -> dets:close(Table), false;
        {error, _} -> true
    end.

set_or_bag(Type) when Type =:= bag; Type =:= index -> bag;
set_or_bag(_) -> set.

backup_fold(File, Fun, Acc) ->
    case ejtui_records:fold(File, Fun, Acc) of
        {ok, Out} -> Out;
        {error, _} -> unreadable(File, backup)
    end.

-spec unreadable(file:name_all(), atom()) -> no_return().
unreadable(File, Reason) ->
    ejtui_probe:refuse(unreadable, [ejtui_probe:text(File), " cannot be read (",
                                    ejtui_probe:text(Reason), ")"]).
