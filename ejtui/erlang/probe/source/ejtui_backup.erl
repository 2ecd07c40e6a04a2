%% An online backup of a running node, and the proof that it can be read.
-module(ejtui_backup).
-export([make/2, check/1]).

%% An online backup of Node in File (of this host): #{size, sha256}. Progress {writing, Bytes},
%% then {summing, Bytes}.
make(Node, File) ->
    Name = unicode:characters_to_list(File),
    Look = fun(Part) -> ejtui_probe:progress({writing, ejtui_files:size_of(Part)}) end,
    case ejtui_bulk:write(Node, Name, Look) of
        {ok, ok} ->
            _ = file:change_mode(File, 8#600),
            Said = fun(Bytes) -> ejtui_probe:progress({summing, Bytes}) end,
            {Sha, Size} = ejtui_files:sha256(File, Said),
            #{size => Size, sha256 => Sha};
        {ok, {error, {slots, Table}}} ->
            ejtui_probe:refuse(backup, ["the file of table ", ejtui_probe:text(Table), " is laid out",
                                        " as ejtui does not know: its records cannot be read in bulk"]);
        {ok, {error, Reason}} ->
            ejtui_probe:refuse(backup, ejtui_probe:text(Reason));
        {error, Reason} ->
            ejtui_probe:refuse(backup, ejtui_probe:text(Reason))
    end.

%% Reads a backup to its end: #{tables => #{Table => Records}, records}, as they are once it is
%% restored. A table without records counts 0. Mnesia need not run here. Progress
%% {scanning, Terms}, then {reading, Records} where it must be read once more: records that were
%% written meanwhile stand in it twice.
check(File) ->
    Name = unicode:characters_to_list(File),
    filelib:is_regular(Name) orelse ejtui_probe:refuse(enoent, [File, ": no such file"]),
    Tables = ets:new(tables, []),
    case scanned(Name, Tables) of
        Replaced when map_size(Replaced) =:= 0 ->
            readable(Name),
            Found = maps:from_list(ets:tab2list(Tables)),
            #{tables => Found, records => lists:sum(maps:values(Found))};
        Replaced ->
            read_again(Name, Replaced)
    end.

%% One reading that has counted all needs no second; the first did not go by Mnesia.
readable(Name) ->
    case ejtui_records:readable(Name) of
        ok -> ok;
        {error, Reason} -> ejtui_probe:refuse(backup, ejtui_probe:text(Reason))
    end.

read_again(Name, Replaced) ->
    Tell = ejtui_probe:teller(),  % Mnesia reads in a process of its own.
    Count = fun(Record, {Tables, Records}) ->
        Records rem every() =:= 0 andalso Records > 0 andalso Tell({reading, Records}),
        counted(Record, Tables, Records)
    end,
    case ejtui_records:fold(Name, Replaced, Count, {#{}, 0}) of
        {ok, {Tables, Records}} -> #{tables => Tables, records => Records};
        {error, Reason} -> ejtui_probe:refuse(backup, ejtui_probe:text(Reason))
    end.

%% What is deleted within the file; Tables gets the number of each table's records.
scanned(Name, Tables) ->
    Seen = counters:new(1, []),
    ejtui_records:replaced(Name, fun(Terms) ->
        Before = counters:get(Seen, 1),
        Now = Before + length(Terms),
        counters:put(Seen, 1, Now),
        lists:foreach(fun(Term) -> noted(Term, Tables) end, Terms),
        Now div every() > Before div every() andalso ejtui_probe:progress({scanning, Now})
    end).

noted({_, _}, _) -> ok;
noted(Header, _) when element(1, Header) =:= log_header -> ok;
noted({schema, Table, _}, Tables) -> ets:insert_new(Tables, {Table, 0});
noted(Record, Tables) ->
    Table = element(1, Record),
    ets:update_counter(Tables, Table, 1, {Table, 0}).

counted({schema, Table, _}, Tables, Records) ->
    {maps:merge(#{Table => 0}, Tables), Records};
counted(Record, Tables, Records) ->
    {maps:update_with(element(1, Record), fun(N) -> N + 1 end, 1, Tables), Records + 1}.

every() -> 10000.
