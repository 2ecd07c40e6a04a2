%% Ejabberd's log since its last start, and what Mnesia dumped when it crashed.
-module(ejtui_log).
-export([since_start/1, core/2]).

-record(file_info, {size, type, access, atime, mtime, ctime, mode, links, major_device,
                    minor_device, inode, uid, gid}).

%% #{path, error, pieces}: the log from the line with which the last start began. A long one is
%% cut in its middle: `pieces` are [{NumberOfTheFirstLine, Text}]; of one that is too long to be
%% counted, no number is above 0.
since_start(File) ->
    case file:read_file_info(File, [raw, {time, posix}]) of
        {ok, #file_info{type = Type}} when Type =/= regular ->
            unread(File, enotsup);
        {ok, #file_info{size = Size, mtime = Time, inode = Inode}} ->
            Stamp = {File, Size, Time, Inode},
            case ejtui_probe:setting(log, none) of
                {Stamp, Said} -> Said;
                _ -> remember(Stamp, read(File, Size))
            end;
        {error, Reason} ->
            unread(File, Reason)
    end.

remember(Stamp, Said) ->
    ets:insert(ejtui_probe, {log, {Stamp, Said}}),
    Said.

unread(File, Reason) ->
    #{path => File, error => ejtui_probe:text(file:format_error(Reason)), pieces => []}.

read(File, Size) ->
    case file:open(File, [read, raw, binary]) of
        {ok, Device} ->
            Skipped = max(0, Size - most()),
            Before = case Skipped =< most_counted() of
                true -> lines_until(Device, 0, Skipped, 0);
                false -> uncounted()
            end,
            Text = case file:pread(Device, Skipped, most()) of {ok, Read} -> Read; _ -> <<>> end,
            ok = file:close(Device),
            #{path => File, error => undefined, pieces => last_start(Text, Before + 1)};
        {error, Reason} ->
            unread(File, Reason)
    end.

lines_until(_, At, End, Lines) when At >= End ->
    Lines;
lines_until(Device, At, End, Lines) ->
    case file:pread(Device, At, min(End - At, 1048576)) of
        {ok, Text} -> lines_until(Device, At + byte_size(Text), End, Lines + newlines(Text));
        _ -> Lines
    end.

last_start(Text, FirstLine) ->
    case binary:matches(Text, <<"Loading configuration from ">>) of
        [] -> cut(Text, FirstLine);
        Starts ->
            {At, _} = lists:last(Starts),
            Begin = line_begin(Text, At),
            Before = binary:part(Text, 0, Begin),
            cut(binary:part(Text, Begin, byte_size(Text) - Begin), FirstLine + newlines(Before))
    end.

cut(Text, Line) ->
    case byte_size(Text) =< 2 * piece() of
        true -> [{Line, Text}];
        false -> cut_out(Text, Line)
    end.

cut_out(Text, Line) ->
    Begin = line_begin(Text, byte_size(Text) - piece()),
    Tail = binary:part(Text, Begin, byte_size(Text) - Begin),
    TailLine = Line + newlines(binary:part(Text, 0, Begin)),
    [{Line, binary:part(Text, 0, line_begin(Text, piece()))}, {TailLine, Tail}].

%% Where the line around At begins; At itself where it is longer than a piece.
line_begin(Text, At) -> line_begin(Text, At, max(0, At - piece()), At).

line_begin(_, 0, _, _) -> 0;
line_begin(_, Least, Least, At) -> At;
line_begin(Text, Here, Least, At) ->
    case binary:at(Text, Here - 1) of
        $\n -> Here;
        _ -> line_begin(Text, Here - 1, Least, At)
    end.

newlines(Text) -> length(binary:matches(Text, <<"\n">>)).

%% #{path, time, text}: why Mnesia crashed, by the newest of its dumps in Dirs and of those that
%% the log (its text) names; undefined without one.
core(Dirs, Log) ->
    Named = case re:run(Log, "ore (?:dumped |written )?to file: *\"([^\"\n]+)\"",
                        [global, {capture, [1], binary}]) of
        {match, Found} -> lists:append(Found);
        nomatch -> []
    end,
    Lying = [list_to_binary(File) || Dir <- Dirs,
             File <- filelib:wildcard(binary_to_list(Dir) ++ "/MnesiaCore.*")],
    Dumps = [{Time, File} || File <- lists:usort(Named ++ Lying),
             {ok, #file_info{type = regular, mtime = Time, size = Size}} <- [info(File)], Size < most()],
    case lists:reverse(lists:sort(Dumps)) of
        [] -> undefined;
        [{Time, File} | _] -> #{path => File, time => Time, text => crash(File)}
    end.

info(File) -> file:read_file_info(File, [raw, {time, posix}]).

%% Read in a process that ends where the dump takes more memory than any of Mnesia's.
crash(File) ->
    Heap = #{size => most_heap(), kill => true, error_logger => false},
    {Reader, Ref} = spawn_opt(fun() -> exit({read, reason(File)}) end,
                              [monitor, {max_heap_size, Heap}]),
    receive
        {'DOWN', Ref, process, Reader, {read, Text}} -> Text;
        {'DOWN', Ref, process, Reader, _} -> unreadable()
    after bound() ->
        exit(Reader, kill),
        receive {'DOWN', Ref, process, Reader, _} -> unreadable() end
    end.

reason(File) ->
    try
        {ok, Dump} = file:read_file(File),
        true = grows_to(Dump) =< most(),
        {crashinfo, {Format, Args}} = lists:keyfind(crashinfo, 1, binary_to_term(Dump)),
        ejtui_probe:text(io_lib:format(Format, Args))
    catch
        _:_ -> unreadable()
    end.

grows_to(<<131, 80, Size:32, _/binary>>) -> Size;
grows_to(Dump) -> byte_size(Dump).

unreadable() -> <<"cannot be read">>.

%% Words of memory.
most_heap() -> 16777216.

bound() -> 5000.

most() -> 16777216.

most_counted() -> 1073741824.

uncounted() -> -1073741824.

piece() -> 98304.
