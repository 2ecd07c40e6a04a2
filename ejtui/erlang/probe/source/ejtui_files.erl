%% Files of the host: checksums, moving, restoring by checked copies.
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

%% Moves each of Names from one directory into another, which is made (0700) if need be: by
%% renames, and across file systems by copies whose checksums are compared before anything is
%% removed. What was moved before is passed over, so that it can be repeated; nothing is
%% overwritten. It is on the disk when this returns. The names moved now. Progress
%% {BytesDone, Bytes} while it copies.
move(From, To, Names) ->
    lists:foreach(fun check_name/1, Names),
    made(To),
    Pairs = [{Name, filename:join(From, Name), filename:join(To, Name)} || Name <- Names],
    Moved = try [Name || {Name, Source, Target} <- Pairs, renamed(Source, Target)]
            catch throw:other_file_system -> moved_by_copies(To, Pairs)
            end,
    synced_dir(To),
    synced_dir(From),
    Moved.

renamed(Source, Target) ->
    case {exists(Source), exists(Target)} of
        {true, false} ->
            flushed(Source, [raw]),
            case file:rename(Source, Target) of
                {error, exdev} -> throw(other_file_system);
                Result -> ok(Result, Source)
            end,
            true;
        {false, true} ->
            false;
        {true, true} ->
            % A copy that was made, and whose source was not removed yet.
            same(Source, Target) orelse ejtui_probe:refuse(eexist, ["would overwrite ", Target]),
            removed(Source);
        {false, false} ->
            ejtui_probe:refuse(enoent, ["neither there nor moved: ", Source])
    end.

%% All copies are on the disk before the first file is removed: until then nothing is missing.
moved_by_copies(To, Pairs) ->
    Total = lists:sum([size_of(Source) || {_, Source, _} <- Pairs]),
    {Found, _} = lists:mapfoldl(fun({Name, Source, Target}, Done) ->
        Size = size_of(Source),
        Copied = copied_once(Source, Target),
        ejtui_probe:progress({Done + Size, Total}),
        {{Copied, Name, Source}, Done + Size}
    end, 0, Pairs),
    synced_dir(To),
    [Name || {true, Name, Source} <- Found, removed(Source)].

copied_once(Source, Target) ->
    case {exists(Source), exists(Target)} of
        {true, false} ->
            {Sha, _} = sha256(Source, fun(_) -> ok end),
            _ = copied(Source, Target, Sha),
            true;
        {true, true} ->
            same(Source, Target) orelse ejtui_probe:refuse(eexist, ["would overwrite ", Target]);
        {false, true} ->
            false;
        {false, false} ->
            ejtui_probe:refuse(enoent, ["neither there nor moved: ", Source])
    end.

same(One, Other) ->
    sha256(One, fun(_) -> ok end) =:= sha256(Other, fun(_) -> ok end).

removed(Source) ->
    _ = ok(file:delete(Source), Source),
    true.

%% Copies [{Name, Sha256}] back: each beside its place first, checked, then renamed there. What
%% is there already with that checksum is passed over; with another, refused.
restore(From, To, Files) ->
    lists:foreach(fun({Name, _}) -> check_name(Name) end, Files),
    Total = lists:sum([size_of(filename:join(From, Name)) || {Name, _} <- Files]),
    {Names, _} = lists:mapfoldl(fun({Name, Sha}, Done) ->
        % The last file makes a database of the others: they are on the disk by then.
        Name =:= <<"schema.DAT">> andalso synced_dir(To),
        Size = restored(filename:join(From, Name), filename:join(To, Name), Sha),
        ejtui_probe:progress({Done + Size, Total}),
        {Name, Done + Size}
    end, 0, Files),
    synced_dir(To),
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
    try
        _ = ok(file:copy(Source, Beside), one_of(Source, Target)),
        {ok, #file_info{mode = Mode}} = file:read_file_info(Source, [raw]),
        _ = ok(file:change_mode(Beside, Mode band 8#7777), Beside),
        synced(Beside),
        {Found, Size} = sha256(Beside, fun(_) -> ok end),
        Found =:= Sha
            orelse ejtui_probe:refuse(checksum, [Source, " has ", Found, ", not ", Sha]),
        _ = ok(file:rename(Beside, Target), Target),
        Size
    after
        file:delete(Beside)
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
            _ = ok(file:change_mode(Dir, 8#700), Dir),
            synced_dir(filename:dirname(Dir))
    end.

%% A rename lasts when its directory is on the disk.
synced_dir(Dir) -> flushed(Dir, [raw, directory]).

%% Older releases open no directory, and some file systems have no such call for it.
flushed(Path, Options) ->
    case file:open(Path, [read | Options]) of
        {ok, Device} ->
            _ = file:sync(Device),
            _ = file:close(Device),
            ok;
        {error, _} ->
            _ = ejtui_os:run("sync", [], 60000),
            ok
    end.

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

%% A copy that fails for want of room fails at its target.
one_of(Source, Target) ->
    fun(Reason) when Reason =:= enospc; Reason =:= edquot -> Target;
       (_) -> Source
    end.

ok({error, Reason}, Path) when is_function(Path) -> ok({error, Reason}, Path(Reason));
ok(ok, _) -> ok;
ok({ok, Value}, _) -> Value;
ok({error, Reason}, Path) ->
    ejtui_probe:refuse(Reason, [ejtui_probe:text(Path), ": ", file:format_error(Reason)]).

chunk() -> 1048576.

every() -> 16 * 1048576.
