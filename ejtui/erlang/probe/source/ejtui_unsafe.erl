%% Whether a path is the service user's own, or leads where another user should have no say.
-module(ejtui_unsafe).
-export([file/1, directory/1, target/1, trusted/1]).

-record(file_info, {size, type, access, atime, mtime, ctime, mode, links, major_device,
                    minor_device, inode, uid, gid}).

%% undefined, or why the file should be neither read nor given to the service user. A link may
%% lead to a file of the service user's own; another user's file must have one name.
file(Path) ->
    case link_info(Path) of
        {ok, #file_info{type = regular, links = Links, uid = Uid}} ->
            several(Links > 1 andalso not own(Uid), Links, Uid);
        {ok, #file_info{type = symlink}} ->
            linked(Path, file:read_file_info(Path, [raw]));
        {ok, #file_info{type = Type}} ->
            text(["it is no regular file but a ", Type]);
        {error, _} ->
            undefined
    end.

several(false, _, _) -> undefined;
several(true, Links, Uid) ->
    text(["it belongs to ", ejtui_os:user_name(Uid), " and has ", integer_to_binary(Links),
          " names (hard links)"]).

linked(Path, {ok, #file_info{type = regular, uid = Uid}}) ->
    case own(Uid) of
        true -> undefined;
        false -> text(["it is a link to ", leads_to(Path), ", which belongs to ",
                       ejtui_os:user_name(Uid)])
    end;
linked(Path, {ok, #file_info{type = Type}}) ->
    text(["it is a link to ", leads_to(Path), ", which is no regular file but a ", Type]);
linked(Path, {error, Reason}) ->
    text(["it is a link to ", leads_to(Path), ": ", file:format_error(Reason)]).

%% undefined, or why nothing should be kept in the directory. There may be none yet.
directory(Path) ->
    case link_info(Path) of
        {ok, #file_info{type = directory, uid = Uid, mode = Mode}} ->
            owned(own(Uid) orelse Uid =:= 0, Mode band 8#022, Uid);
        {ok, #file_info{type = symlink}} ->
            text(["it is a link to ", leads_to(Path)]);
        {ok, #file_info{type = Type}} ->
            text(["it is no directory but a ", Type]);
        {error, _} ->
            undefined
    end.

owned(true, 0, _) -> undefined;
owned(true, _, _) -> <<"others may write it">>;
owned(false, _, Uid) -> text(["it belongs to ", ejtui_os:user_name(Uid)]).

%% The file to write in the place of this one: where its links lead. Ends the question where
%% that is not the service user's own.
target(Path) ->
    case link_info(Path) of
        {ok, #file_info{type = symlink}} ->
            file(Path) =:= undefined orelse ejtui_probe:refuse('unsafe-path', [Path, ": ", file(Path)]),
            real(Path, 40);
        {ok, #file_info{type = Type}} when Type =/= regular ->
            ejtui_probe:refuse('unsafe-path', [Path, ": it is no regular file but a ", text(Type)]);
        _ ->
            Path
    end.

%% Whether root and this user alone decide what lies at that absolute name: all on the way there
%% belongs to them, each link and what it leads to, too. What is not there is nobody's.
trusted(Path) ->
    case filename:pathtype(Path) of
        absolute -> walked(tl(filename:split(Path)), "/", 40);
        _ -> false
    end.

walked([], _, _) -> true;
walked([Part | Rest], At, Left) ->
    Here = filename:join(At, Part),
    case link_info(Here) of
        {ok, #file_info{type = symlink, uid = Uid}} ->
            Left > 0 andalso trusted_owner(Uid) andalso followed(Here, At, Rest, Left - 1);
        {ok, #file_info{uid = Uid, mode = Mode}} ->
            trusted_owner(Uid) andalso others_keep_out(Mode, Rest) andalso walked(Rest, Here, Left);
        {error, Reason} ->
            Reason =:= enoent orelse Reason =:= enotdir
    end.

followed(Link, At, Rest, Left) ->
    case file:read_link_all(Link) of
        {ok, To} ->
            [Root | Parts] = filename:split(filename:absname(unicode:characters_to_list(To), At)),
            walked(Parts ++ Rest, Root, Left);
        {error, _} -> false
    end.

trusted_owner(Uid) -> Uid =:= 0 orelse own(Uid).

%% In a directory on the way all may make files where none may rename another's.
others_keep_out(Mode, Rest) ->
    Mode band 8#002 =:= 0 orelse (Rest =/= [] andalso Mode band 8#1000 =/= 0).

real(Path, 0) ->
    ejtui_probe:refuse('unsafe-path', [Path, ": too many links"]);
real(Path, Left) ->
    case file:read_link_all(Path) of
        {ok, To} -> real(filename:absname(text(To), filename:dirname(Path)), Left - 1);
        {error, _} -> Path
    end.

own(Uid) -> Uid =:= ejtui_os:uid().

leads_to(Path) ->
    case file:read_link_all(Path) of
        {ok, To} -> text(To);
        {error, _} -> <<"?">>
    end.

link_info(Path) -> file:read_link_info(Path, [raw]).

text(List) when is_list(List) ->
    ejtui_probe:text(lists:map(fun ejtui_probe:text/1, unflat(List)));
text(Other) ->
    ejtui_probe:text(Other).

%% A name that is a list of characters is one text.
unflat([Char | _] = Name) when is_integer(Char) -> [Name];
unflat(List) -> List.
