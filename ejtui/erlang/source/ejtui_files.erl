%% Files of the host: checksums, moving by rename, restoring by checked copies.
-module(ejtui_files).
-export([checksum/1, move/3, restore/3, sha256/2, size_of/1]).

-record(file_info, {size, type, access, atime, mtime, ctime, mode, links, major_device,
                    minor_device, inode, uid, gid}).

%% [{Path, Sha256, Size}] of each file, read piece by piece; progress {BytesDone, Bytes}.
checksum(Files) ->
    Total = lists:sum([size_of(File) || File <- Files]),
    {Sums, _} = lists:mapfoldl(fun(File, Done) ->
        {Sha, Size} = sha256(File, fun(Here) -> ejtui_probe:progress({Done + Here, Total}) end),
        {{File, Sha, Size}, Done + Size}
    end, 0, Files),
    Sums.

%% {Sha256, Size}; Said is called now and then with the bytes read so far.
sha256(File, Said) ->
    Device = ok(file:open(File, [read, raw, binary, read_ahead]), File),
    try digest(Device, File, crypto:hash_init(sha256), 0, Said)
    after
        file:close(Device)
    end.

digest(Device, File, State, Done, Said) ->
    case file:read(Device, chunk()) of
        {ok, Data} ->
            Now = Done + byte_size(Data),
            Now div every() > Done div every() andalso Said(Now),
            digest(Device, File, crypto:hash_update(State, Data), Now, Said);
        eof ->
            {ejtui_os:hex(crypto:hash_final(State)), Done};
        Error ->
            ok(Error, File)
    end.

%% Renames each of Names from one directory into another of the same file system, which is made
%% (0700) if need be. What was moved before is passed over, so that it can be repeated; nothing
%% is overwritten. The names moved now.
move(From, To, Names) ->
    lists:foreach(fun check_name/1, Names),
    made(To),
    same_file_system(From, To),
    [Name || Name <- Names, moved(filename:join(From, Name), filename:join(To, Name))].

moved(Source, Target) ->
    case {exists(Source), exists(Target)} of
        {true, false} -> ok(file:rename(Source, Target), Source), true;
        {false, true} -> false;
        {true, true} -> ejtui_probe:refuse(eexist, ["would overwrite ", Target]);
        {false, false} -> ejtui_probe:refuse(enoent, ["neither there nor moved: ", Source])
    end.

%% Copies [{Name, Sha256}] back: each beside its place first, checked, then renamed there. What
%% is there already with that checksum is passed over; with another, refused.
restore(From, To, Files) ->
    lists:foreach(fun({Name, _}) -> check_name(Name) end, Files),
    Total = lists:sum([size_of(filename:join(From, Name)) || {Name, _} <- Files]),
    {Names, _} = lists:mapfoldl(fun({Name, Sha}, Done) ->
        Size = restored(filename:join(From, Name), filename:join(To, Name), Sha),
        ejtui_probe:progress({Done + Size, Total}),
        {Name, Done + Size}
    end, 0, Files),
    Names.

restored(Source, Target, Sha) ->
    case exists(Target) andalso sha256(Target, fun(_) -> ok end) of
        false -> copied(Source, Target, Sha);
        {Sha, Size} -> Size;
        {_, _} -> ejtui_probe:refuse(eexist, ["would overwrite ", Target])
    end.

copied(Source, Target, Sha) ->
    Beside = <<(ejtui_probe:text(Target))/binary, ".ejtui">>,
    _ = file:delete(Beside),
    _ = ok(file:copy(Source, Beside), Source),
    {ok, #file_info{mode = Mode}} = file:read_file_info(Source, [raw]),
    _ = ok(file:change_mode(Beside, Mode band 8#7777), Beside),
    synced(Beside),
    case sha256(Beside, fun(_) -> ok end) of
        {Sha, Size} ->
            _ = ok(file:rename(Beside, Target), Target),
            Size;
        {Other, _} ->
            _ = file:delete(Beside),
            ejtui_probe:refuse(checksum, [Source, " has ", Other, ", not ", Sha])
    end.

synced(File) ->
    Device = ok(file:open(File, [read, write, raw]), File),
    ok = file:sync(Device),
    ok = file:close(Device).

made(Dir) ->
    case exists(Dir) of
        true ->
            ok;
        false ->
            _ = ok(filelib:ensure_dir(Dir), Dir),
            _ = ok(file:make_dir(Dir), Dir),
            ok(file:change_mode(Dir, 8#700), Dir)
    end.

same_file_system(From, To) ->
    device(From) =:= device(To)
        orelse ejtui_probe:refuse(exdev, [From, " and ", To, " are on different file systems"]).

device(Dir) ->
    (ok(file:read_file_info(Dir, [raw]), Dir))#file_info.major_device.

check_name(Name) ->
    Plain = filename:basename(Name) =:= Name andalso Name =/= <<"..">> andalso Name =/= <<".">>,
    Plain orelse ejtui_probe:refuse(badname, ["not a name in the directory: ", Name]).

exists(Path) -> element(1, file:read_link_info(Path, [raw])) =:= ok.

%% The bytes of a file, 0 where there is none.
size_of(File) ->
    case file:read_file_info(File, [raw]) of
        {ok, #file_info{size = Size}} -> Size;
        {error, _} -> 0
    end.

ok(ok, _) -> ok;
ok({ok, Value}, _) -> Value;
ok({error, Reason}, Path) ->
    ejtui_probe:refuse(Reason, [ejtui_probe:text(Path), ": ", file:format_error(Reason)]).

chunk() -> 1048576.

every() -> 16 * 1048576.
