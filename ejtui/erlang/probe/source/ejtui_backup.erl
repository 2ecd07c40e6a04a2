%% An online backup of a running node, and the proof that it can be read.
-module(ejtui_backup).
-export([make/2, check/1]).

%% mnesia:backup on Node into File (of this host): #{size, sha256}. Progress {writing, Bytes},
%% then {summing, Bytes}.
make(Node, File) ->
    Name = unicode:characters_to_list(File),
    Look = fun() -> ejtui_probe:progress({writing, ejtui_files:size_of(Name ++ ".BUPTMP")}) end,
    case ejtui_rpc:watched(Node, mnesia, backup, [Name], Look) of
        {ok, ok} ->
            _ = file:change_mode(File, 8#600),
            Said = fun(Bytes) -> ejtui_probe:progress({summing, Bytes}) end,
            {Sha, Size} = ejtui_files:sha256(File, Said),
            #{size => Size, sha256 => Sha};
        {ok, {error, Reason}} ->
            ejtui_probe:refuse(backup, ejtui_probe:text(Reason));
        {error, Reason} ->
            ejtui_probe:refuse(backup, ejtui_probe:text(Reason))
    end.

%% Reads a backup to its end: #{tables => #{Table => Records}, records}. A table without
%% records counts 0. Mnesia need not run here. (Its own reading passes over a torn end without a
%% word; hence the look at the log underneath.) Progress {scanning, Records}, then
%% {reading, Records}.
check(File) ->
    Name = unicode:characters_to_list(File),
    filelib:is_regular(Name) orelse ejtui_probe:refuse(enoent, [File, ": no such file"]),
    whole(Name),
    Tell = ejtui_probe:teller(),  % Mnesia reads in a process of its own.
    Count = fun(Record, {Tables, Records}) ->
        Records rem every() =:= 0 andalso Records > 0 andalso Tell({reading, Records}),
        {[], counted(Record, Tables, Records)}
    end,
    case mnesia:traverse_backup(Name, mnesia_backup, dummy, read_only, Count, {#{}, 0}) of
        {ok, {Tables, Records}} -> #{tables => Tables, records => Records};
        {error, Reason} -> ejtui_probe:refuse(backup, ejtui_probe:text(Reason))
    end.

whole(Name) ->
    Options = [{name, make_ref()}, {file, Name}, {mode, read_only}, {repair, false}],
    case disk_log:open(Options) of
        {ok, Log} ->
            Bad = bad_bytes(Log, disk_log:chunk(Log, start), 0),
            ok = disk_log:close(Log),
            Bad =:= 0 orelse ejtui_probe:refuse(backup, [Name, " is torn"]);
        {error, Reason} ->
            ejtui_probe:refuse(backup, ejtui_probe:text(Reason))
    end.

bad_bytes(_, eof, _) ->
    0;
bad_bytes(_, {error, _}, _) ->
    1;
bad_bytes(Log, {Next, Terms}, Seen) ->
    Now = Seen + length(Terms),
    Now div every() > Seen div every() andalso ejtui_probe:progress({scanning, Now}),
    bad_bytes(Log, disk_log:chunk(Log, Next), Now);
bad_bytes(Log, {Next, _, Bad}, Seen) ->
    Bad + bad_bytes(Log, disk_log:chunk(Log, Next), Seen).

counted({schema, Table, _}, Tables, Records) ->
    {maps:merge(#{Table => 0}, Tables), Records};
counted(Record, Tables, Records) ->
    {maps:update_with(element(1, Record), fun(N) -> N + 1 end, 1, Tables), Records + 1}.

every() -> 10000.
