%% The database directory: Mnesia's files in it, and the schema as it lies on disc.
-module(ejtui_disk).
-export([spool/1, schema/1, is_mnesia_file/1, list/1, with_copy/2]).

-record(file_info, {size, type, access, atime, mtime, ctime, mode, links, major_device,
                    minor_device, inode, uid, gid}).

%% #{exists, error, files => [{Name, Size, Uid, Mode}], wrong_owner, wrong_owner_count, unsafe}:
%% Mnesia's files, and the names (the first 50) of all entries but links that another user owns;
%% which of those nobody should give away, and why: [{Name, Why}].
spool(Dir) ->
    case file:list_dir_all(Dir) of
        {ok, Names} ->
            Entries = [E || Name <- lists:sort(Names), E <- entry(Dir, Name)],
            Wrong = [Name || {Name, _, Uid, _, Type} <- Entries, Uid =/= ejtui_os:uid(),
                             Type =/= symlink],
            #{exists => true,
              files => [{Name, Size, Uid, Mode} || {Name, Size, Uid, Mode, regular} <- Entries,
                                                   is_mnesia_file(Name)],
              wrong_owner => lists:sublist(Wrong, named()),
              wrong_owner_count => length(Wrong),
              unsafe => lists:sublist(several_names(Dir, Entries), named())};
        {error, enoent} ->
            #{exists => false, files => [], wrong_owner => [], wrong_owner_count => 0};
        {error, Reason} ->
            #{exists => true, error => ejtui_probe:text(file:format_error(Reason)),
              files => [], wrong_owner => [], wrong_owner_count => 0}
    end.

several_names(Dir, Entries) ->
    [{Name, Why} || {Name, _, Uid, _, regular} <- Entries, Uid =/= ejtui_os:uid(),
                    Why <- [ejtui_unsafe:file(filename:join(Dir, Name))], Why =/= undefined].

%% Every entry of a directory: [#{name, type, size, uid, owner, mode, mtime}].
list(Dir) ->
    case file:list_dir_all(Dir) of
        {ok, Names} -> [I || Name <- lists:sort(Names), I <- described(Dir, Name)];
        {error, Reason} -> ejtui_probe:refuse(Reason, [Dir, ": ", file:format_error(Reason)])
    end.

described(Dir, Name) ->
    case link_info(Dir, Name) of
        {ok, I} ->
            [#{name => raw(Name), type => I#file_info.type, size => I#file_info.size,
               uid => I#file_info.uid, owner => ejtui_os:user_name(I#file_info.uid),
               mode => I#file_info.mode band 8#7777, mtime => I#file_info.mtime}];
        {error, _} ->
            []
    end.

entry(Dir, Name) ->
    case link_info(Dir, Name) of
        {ok, I} ->
            [{raw(Name), I#file_info.size, I#file_info.uid, I#file_info.mode band 8#7777,
              I#file_info.type}];
        {error, _} ->
            []
    end.

link_info(Dir, Name) ->
    file:read_link_info(filename:join(Dir, Name), [raw, {time, posix}]).

raw(Name) when is_binary(Name) -> Name;
raw(Name) -> unicode:characters_to_binary(Name, utf8, file:native_name_encoding()).

%% What Mnesia writes into its directory, and nothing else that may lie there.
is_mnesia_file(<<"schema.DAT">>) -> true;
is_mnesia_file(<<"FALLBACK.BUP">>) -> true;
is_mnesia_file(<<"LATEST.LOG">>) -> true;
is_mnesia_file(<<"PREVIOUS.LOG">>) -> true;
is_mnesia_file(<<"DECISION_TAB.LOG">>) -> true;
is_mnesia_file(<<"MnesiaCore.", _/binary>>) -> true;
is_mnesia_file(Name) ->
    lists:member(filename:extension(Name), [<<".DCD">>, <<".DCL">>, <<".DAT">>, <<".DAL">>,
                                            <<".TMP">>]).

%% The schema read from a private copy of schema.DAT (which dets may repair: the original is
%% never opened by it), or undefined without one. Read again only when the file has changed.
schema(Dir) ->
    File = filename:join(Dir, <<"schema.DAT">>),
    case file:read_file_info(File, [raw, {time, posix}]) of
        {ok, #file_info{size = Size, mtime = Time, inode = Inode}} ->
            Stamp = {File, Size, Time, Inode},
            case ejtui_probe:setting(disk_schema, none) of
                {Stamp, Facts} -> Facts;
                _ -> remember(Stamp, read(File))
            end;
        {error, enoent} ->
            undefined;
        {error, Reason} ->
            #{error => ejtui_probe:text(file:format_error(Reason))}
    end.

%% A failure to read it is no fact of the file: it is read again.
remember(_, #{error := _} = Facts) ->
    Facts;
remember(Stamp, Facts) ->
    ets:insert(ejtui_probe, {disk_schema, {Stamp, Facts}}),
    Facts.

read(File) ->
    case with_copy(File, fun records/1) of
        {error, Reason} -> #{error => ejtui_probe:text(file:format_error(Reason))};
        Facts -> Facts
    end.

%% Fun(Copy) of a private copy of the file, which is removed then; the first directory that takes
%% it has it. {error, Reason} where none does.
with_copy(File, Fun) ->
    Dir = case os:getenv("TMPDIR") of false -> "/tmp"; Set -> Set end,
    with_copy(File, Fun, [Dir, "/var/tmp"]).

with_copy(File, Fun, [Dir | Others]) ->
    Name = "ejtui-" ++ binary_to_list(ejtui_os:hex(crypto:strong_rand_bytes(8))),
    Copy = filename:join(Dir, Name),
    try copied(File, Copy) of
        ok -> Fun(Copy);
        {error, _} when Others =/= [] -> with_copy(File, Fun, Others);
        Error -> Error
    after
        file:delete(Copy)
    end.

copied(File, Copy) ->
    case file:open(Copy, [write, exclusive, raw]) of
        {ok, Device} ->
            ok = file:change_mode(Copy, 8#600),
            ok = file:close(Device),
            case file:copy(File, Copy) of
                {ok, _} -> ok;
                Error -> Error
            end;
        Error ->
            Error
    end.

records(Copy) ->
    case dets:open_file(make_ref(), [{file, Copy}, {keypos, 2}]) of
        {ok, Table} ->
            Found = dets:match_object(Table, {schema, '_', '_'}),
            dets:close(Table),
            facts(Found);
        {error, Reason} ->
            #{error => ejtui_probe:text(Reason)}
    end.

facts(Records) when is_list(Records) ->
    case lists:keyfind(schema, 2, Records) of
        {schema, schema, Definition} ->
            Get = fun(Key, Default) -> proplists:get_value(Key, Definition, Default) end,
            Names = [Tab || {schema, Tab, _} <- Records, Tab =/= schema],
            #{cookie => ejtui_mnesia:cookie(Get(cookie, undefined)),
              ram_copies => Get(ram_copies, []),
              disc_copies => Get(disc_copies, []),
              disc_only_copies => Get(disc_only_copies, []),
              tables => lists:sort(Names),
              definitions => [definition(Tab, D) || {schema, Tab, D} <- Records, Tab =/= schema]};
        false ->
            #{error => <<"holds no definition of the schema">>}
    end;
facts({error, Reason}) ->
    #{error => ejtui_probe:text(Reason)}.

definition(Name, Definition) ->
    Get = fun(Key) -> proplists:get_value(Key, Definition, []) end,
    #{name => Name, cookie => ejtui_mnesia:cookie(Get(cookie)), ram_copies => Get(ram_copies),
      disc_copies => Get(disc_copies), disc_only_copies => Get(disc_only_copies),
      local_content => Get(local_content) =:= true}.

named() -> 50.
