%% An online backup of a running node, and the proof that it can be read.
-module(ejtui_backup).
-export([make/2, check/1]).

%% mnesia:backup on Node into File (of this host): #{size, sha256}.
make(Node, File) ->
    Name = unicode:characters_to_list(File),
    case ejtui_rpc:call(Node, mnesia, backup, [Name], day()) of
        {ok, ok} ->
            _ = file:change_mode(File, 8#600),
            {Sha, Size} = ejtui_files:sha256(File, fun(_) -> ok end),
            #{size => Size, sha256 => Sha};
        {ok, {error, Reason}} ->
            ejtui_probe:refuse(backup, ejtui_probe:text(Reason));
        {error, Reason} ->
            ejtui_probe:refuse(backup, ejtui_probe:text(Reason))
    end.

%% Reads a backup to its end: #{tables => #{Table => Records}, records}. A table without
%% records counts 0. Mnesia need not run here. (Its own reading passes over a torn end without a
%% word; hence the look at the log underneath.)
check(File) ->
    Name = unicode:characters_to_list(File),
    filelib:is_regular(Name) orelse ejtui_probe:refuse(enoent, [File, ": no such file"]),
    whole(Name),
    Count = fun(Record, {Tables, Records}) ->
        Records rem every() =:= 0 andalso Records > 0 andalso ejtui_probe:progress(Records),
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
            Bad = bad_bytes(Log, disk_log:chunk(Log, start)),
            ok = disk_log:close(Log),
            Bad =:= 0 orelse ejtui_probe:refuse(backup, [Name, " is torn"]);
        {error, Reason} ->
            ejtui_probe:refuse(backup, ejtui_probe:text(Reason))
    end.

bad_bytes(_, eof) -> 0;
bad_bytes(_, {error, _}) -> 1;
bad_bytes(Log, {Next, _}) -> bad_bytes(Log, disk_log:chunk(Log, Next));
bad_bytes(Log, {Next, _, Bad}) -> Bad + bad_bytes(Log, disk_log:chunk(Log, Next)).

counted({schema, Table, _}, Tables, Records) ->
    {maps:merge(#{Table => 0}, Tables), Records};
counted(Record, Tables, Records) ->
    {maps:update_with(element(1, Record), fun(N) -> N + 1 end, 1, Tables), Records + 1}.

day() -> 24 * 3600 * 1000.

every() -> 5000.
