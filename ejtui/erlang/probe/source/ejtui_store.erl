%% The backups that lie on this host. Nothing is believed that another user could have written.
-module(ejtui_store).
-export([listing/2]).

-record(file_info, {size, type, access, atime, mtime, ctime, mode, links, major_device,
                    minor_device, inode, uid, gid}).

%% The backups below a root. Chain are the directories down to the root, the root last; Most is
%% how many bytes one manifest may have.
%% #{backups => [{Name, Manifest, [{File, Size}]}], problems => [{Path, Why, Partial}]}: File are
%% the files of the database in the backup; Partial is whether a backup that is left out may hold
%% a part of a database whose other part is still in the database directory.
listing(Chain, Most) ->
    case chain(Chain) of
        ok -> sorted(entries(lists:last(Chain), Most));
        missing -> sorted([]);
        {bad, Path, Why} -> sorted([{problem, Path, Why, any_partial(lists:last(Chain))}])
    end.

any_partial(Root) ->
    case file:list_dir_all(Root) of
        {ok, Names} -> lists:any(fun(Name) -> partial(filename:join(Root, Name)) end, Names);
        {error, _} -> false
    end.

sorted(Found) ->
    #{backups => [{Name, Text, Files} || {backup, Name, Text, Files} <- Found],
      problems => [{Path, iolist_to_binary(Why), Partial}
                   || {problem, Path, Why, Partial} <- Found]}.

%% The first directory may be a link that root has made: so does an administrator who moves
%% all of a home to a larger disk.
chain([Top | Rest]) ->
    case file:read_link_info(Top, [raw]) of
        {ok, #file_info{type = symlink, uid = 0}} ->
            below(judged(Top, directory, file:read_file_info(Top, [raw])), Top, Rest);
        Info ->
            below(judged(Top, directory, Info), Top, Rest)
    end.

below({ok, _}, _, []) -> ok;
below({ok, _}, _, [Next | Rest]) -> below(trusted(Next, directory), Next, Rest);
below({error, enoent}, _, _) -> missing;
below({error, Reason}, Path, _) -> {bad, Path, file:format_error(Reason)};
below({bad, Why}, Path, _) -> {bad, Path, Why}.

entries(Root, Most) ->
    case file:list_dir_all(Root) of
        {ok, Names} ->
            Newest = lists:reverse(lists:sort([raw(Name) || Name <- Names])),
            {Found, _} = lists:mapfoldl(fun(Name, Room) -> entry(Root, Name, Most, Room) end,
                                        2 * Most, Newest),
            lists:append(Found);
        {error, Reason} ->
            [{problem, Root, file:format_error(Reason), true}]
    end.

%% What is no directory, and a directory without a manifest, is no backup of a join.
entry(Root, Name, Most, Room) ->
    Dir = filename:join(Root, Name),
    File = filename:join(Dir, <<"manifest.json">>),
    case trusted(Dir, directory) of
        {ok, _} -> manifest(Dir, Name, File, trusted(File, regular), Most, Room);
        {bad, Why} -> {left_out(Dir, File, Dir, Why), Room};
        {error, _} -> {[], Room}
    end.

manifest(Dir, _, File, {ok, #file_info{size = Size}}, Most, Room) when Size > Most ->
    {[problem(Dir, File, ["has ", integer_to_binary(Size), " bytes, more than a manifest has"])],
     Room};
manifest(Dir, _, File, {ok, #file_info{size = Size}}, _, Room) when Size > Room ->
    {[problem(Dir, File, "the manifests of newer backups are all that can be read at once")], Room};
manifest(Dir, Name, File, {ok, #file_info{size = Size}}, _, Room) ->
    Database = filename:join(Dir, <<"database">>),
    case {bytes(File, Size), trusted(Database, directory)} of
        {{ok, Text}, {bad, Why}} -> {[{problem, Database, Why, true}], Room - byte_size(Text)};
        {{ok, Text}, _} ->
            {[{backup, Name, ejtui_pieces:text(Text), files(Database)}], Room - byte_size(Text)};
        {{error, Reason}, _} -> {[problem(Dir, File, file:format_error(Reason))], Room}
    end;
manifest(_, _, _, {error, enoent}, _, Room) ->
    {[], Room};
manifest(Dir, _, File, {error, Reason}, _, Room) ->
    {[problem(Dir, File, file:format_error(Reason))], Room};
manifest(Dir, _, File, {bad, Why}, _, Room) ->
    {[problem(Dir, File, Why)], Room}.

left_out(Dir, File, Path, Why) ->
    case file:read_file_info(File, [raw]) of
        {ok, _} -> [{problem, Path, Why, partial(Dir)}];
        {error, _} -> []
    end.

problem(Dir, File, Why) -> {problem, File, Why, partial(Dir)}.

%% Whether a database was moved there in part: its last file is not there yet.
partial(Dir) ->
    case files(filename:join(Dir, <<"database">>)) of
        [] -> false;
        Files -> not lists:keymember(<<"schema.DAT">>, 1, Files)
    end.

files(Database) ->
    case file:list_dir_all(Database) of
        {ok, Names} -> [{raw(Name), size(Database, Name)} || Name <- lists:sort(Names)];
        {error, _} -> []
    end.

size(Dir, Name) ->
    case file:read_link_info(filename:join(Dir, Name), [raw]) of
        {ok, #file_info{type = regular, size = Size}} -> Size;
        _ -> -1
    end.

%% No more than Size bytes, whatever the file has become since.
bytes(File, Size) ->
    case file:open(File, [read, raw, binary]) of
        {ok, Device} ->
            try file:read(Device, Size) of
                eof -> {ok, <<>>};
                Read -> Read
            after
                file:close(Device)
            end;
        Error ->
            Error
    end.

trusted(Path, Type) ->
    judged(Path, Type, file:read_link_info(Path, [raw])).

judged(_, Type, {ok, #file_info{type = Type} = Info}) -> owned(Type, Info);
judged(_, _, {ok, #file_info{type = symlink}}) -> {bad, "is a link, and a link is not followed"};
judged(_, directory, {ok, _}) -> {error, enotdir};
judged(_, regular, {ok, _}) -> {bad, "is no regular file"};
judged(_, _, Error) -> Error.

owned(Type, #file_info{uid = Uid, mode = Mode, links = Links} = Info) ->
    Ours = Uid =:= 0 orelse Uid =:= ejtui_os:uid(),
    if
        not Ours ->
            {bad, ["belongs to ", ejtui_os:user_name(Uid), ", who is neither root nor ",
                   ejtui_os:user_name(ejtui_os:uid())]};
        Mode band 8#022 =/= 0 ->
            {bad, io_lib:format("can be written by other users (mode ~4.8.0b)",
                                [Mode band 8#7777])};
        Type =:= regular, Links > 1 ->
            {bad, "has more than one name"};
        true ->
            {ok, Info}
    end.

raw(Name) when is_binary(Name) -> Name;
raw(Name) -> unicode:characters_to_binary(Name, utf8, file:native_name_encoding()).
