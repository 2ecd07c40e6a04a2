%% What only the operating system knows: users, processes, room on a disc.
-module(ejtui_os).
-export([uid/0, user_name/1, group_name/1, hex/1, pid_of/2, process_lines/0, ours/1, alive/1, terminate/1]).
-export([room/1, run/3, owner/1]).

%% Of file.hrl, which not every host has.
-record(file_info, {size, type, access, atime, mtime, ctime, mode, links, major_device,
                    minor_device, inode, uid, gid}).

%% The user this probe runs as.
uid() -> cached(uid, fun() -> binary_to_integer(output("id", ["-u"])) end).

user_name(Uid) ->
    cached({user, Uid}, fun() ->
        case output("id", ["-nu", integer_to_list(Uid)]) of
            <<>> -> integer_to_binary(Uid);
            Name -> Name
        end
    end).

%% The number itself where no name is known for it.
group_name(Gid) ->
    cached({group, Gid}, fun() ->
        case binary:split(output("getent", ["group", integer_to_list(Gid)]), <<":">>) of
            [Name, _] -> Name;
            _ -> integer_to_binary(Gid)
        end
    end).

hex(Bytes) ->
    << <<(hex_digit(N))>> || <<N:4>> <= Bytes >>.

hex_digit(N) when N < 10 -> $0 + N;
hex_digit(N) -> $a + N - 10.

%% The process id of the virtual machine that was started under this node name with Mnesia in
%% this directory, or undefined: for a node that cannot be asked. The directory tells apart nodes
%% of one name that belong to different epmds.
pid_of(Node, Dir) ->
    Name = atom_to_binary(Node, utf8),
    case [Pid || Line <- process_lines(), {true, Pid} <- [vm_line(Name, Dir, Line)], ours(Pid)] of
        [Pid] -> Pid;
        _ -> undefined
    end.

%% "PID PROGRAM ARGS" of all processes; from /proc where there is no ps.
process_lines() ->
    case run("ps", ["-A", "-ww", "-o", "pid=", "-o", "args="], bound()) of
        {127, _} -> [proc_line(File) || File <- filelib:wildcard("/proc/[0-9]*/cmdline")];
        {_, Said} -> binary:split(Said, <<"\n">>, [global])
    end.

%% Whether a process is this user's or root's: what another user's looks like is that user's choice.
ours(Pid) ->
    case file:read_file_info(<<"/proc/", Pid/binary>>, [raw]) of
        {ok, #file_info{uid = Uid}} -> lists:member(Uid, [0, uid()]);
        {error, _} -> ours_by_ps(run("ps", ["-o", "uid=", "-p", binary_to_list(Pid)], bound()))
    end.

ours_by_ps({0, Said}) ->
    lists:member(string:trim(Said), [<<"0">>, integer_to_binary(uid())]);
ours_by_ps({_, _}) ->
    false.

proc_line(File) ->
    Pid = list_to_binary(filename:basename(filename:dirname(File))),
    case file:read_file(File) of
        {ok, Words} -> iolist_to_binary([Pid, " ", binary:replace(Words, <<0>>, <<" ">>, [global])]);
        {error, _} -> Pid
    end.

vm_line(Name, Dir, Line) ->
    case [Word || Word <- binary:split(Line, [<<" ">>, <<"\t">>], [global]), Word =/= <<>>] of
        [Pid, Program | Args] ->
            Vm = binary:match(filename:basename(Program), <<"beam">>) =/= nomatch,
            {Vm andalso named(Name, Args) andalso works_in(Dir, Line), Pid};
        _ ->
            false
    end.

named(Name, [Flag, Name | _]) when Flag =:= <<"-sname">>; Flag =:= <<"-name">> -> true;
named(Name, [_ | Rest]) -> named(Name, Rest);
named(_, []) -> false.

works_in(Dir, Line) ->
    binary:match(Line, <<"-mnesia dir \"", Dir/binary, "\"">>) =/= nomatch.

%% A process that has ended but was not waited for yet is gone, too.
alive(Pid) ->
    case run("ps", ["-o", "stat=", "-p", binary_to_list(Pid)], bound()) of
        {0, Stat} -> binary:first(<<(string:trim(Stat))/binary, $ >>) =/= $Z;
        {127, _} -> signal("0", Pid) =:= 0;
        {_, _} -> false
    end.

terminate(Pid) -> signal("TERM", Pid).

%% By the shell's own kill: the program is not everywhere.
signal(Signal, Pid) ->
    Args = ["-c", "kill -s \"$1\" \"$2\"", "kill", Signal, binary_to_list(Pid)],
    element(1, run("sh", Args, bound())).

%% Free and total bytes of the file system that holds Path, or would hold it, and where that is
%% mounted; how many files it has room for, undefined where it does not count them; whether it is
%% in memory alone, so that a boot empties it.
room(Path) ->
    There = existing(Path),
    Lines = binary:split(output("df", ["-Pk", There]), <<"\n">>, [global, trim_all]),
    try
        Words = binary:split(lists:last(Lines), <<" ">>, [global, trim_all]),
        [Total, _, Free] = [binary_to_integer(Word) || Word <- lists:sublist(Words, 2, 3)],
        {Kind, Files} = file_system(There),
        #{free => Free * 1024, total => Total * 1024, files => Files,
          memory => in_memory(Kind) orelse in_memory(hd(Words)),
          mount => iolist_to_binary(lists:join(" ", lists:nthtail(5, Words)))}
    catch
        error:_ -> ejtui_probe:refuse(room, ["df said nothing about ", Path])
    end.

%% Its kind, and how many files can be made there; as stat has it on Linux alone.
file_system(Path) ->
    {_, Said} = run("stat", ["-f", "-c", "%T %c %d", "--", Path], bound()),
    case binary:split(string:trim(Said), <<" ">>, [global]) of
        [Kind, Most, Free] when Most =/= <<"0">> ->
            {Kind, try binary_to_integer(Free) catch error:badarg -> undefined end};
        [Kind | _] -> {Kind, undefined}
    end.

%% By its kind, or by the device that df names on a BSD.
in_memory(<<"tmpfs">>) -> true;
in_memory(<<"ramfs">>) -> true;
in_memory(<<"mfs:", _/binary>>) -> true;
in_memory(_) -> false.

%% own, {other, Name}, or unknown: whose the file itself is.
owner(Path) ->
    Me = uid(),
    case file:read_link_info(Path, [raw]) of
        {ok, #file_info{uid = Me}} -> own;
        {ok, #file_info{uid = Uid}} -> {other, user_name(Uid)};
        {error, _} -> unknown
    end.

%% The path itself, or the directory above it that is there.
existing(Path) ->
    case file:read_file_info(Path, [raw]) of
        {error, enoent} when Path =/= <<"/">> -> existing(filename:dirname(Path));
        _ -> Path
    end.

output(Program, Args) ->
    {_, Out} = run(Program, Args, bound()),
    string:trim(Out).

%% {ExitCode, StandardOutput} of a program, without any shell.
run(Program, Args, Bound) ->
    case os:find_executable(Program) of
        false ->
            {127, <<>>};
        Path ->
            Options = [{args, Args}, exit_status, binary, hide, stderr_to_stdout],
            collect(open_port({spawn_executable, Path}, Options), [], Bound)
    end.

collect(Port, Out, Bound) ->
    receive
        {Port, {data, Data}} -> collect(Port, [Out, Data], Bound);
        {Port, {exit_status, Code}} -> {Code, iolist_to_binary(Out)}
    after Bound ->
        try port_close(Port) catch error:badarg -> closed end,
        {124, iolist_to_binary(Out)}
    end.

cached(Key, Fun) ->
    case ejtui_probe:setting({cached, Key}, none) of
        none ->
            Value = Fun(),
            ets:insert(ejtui_probe, {{cached, Key}, Value}),
            Value;
        Value ->
            Value
    end.

bound() -> 3000.
