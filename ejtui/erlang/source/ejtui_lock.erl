%% A lock that cannot outlive its holder: a unix socket this probe listens on. Whoever connects
%% is told who holds it; a dead holder's socket refuses and is replaced.
-module(ejtui_lock).
-export([start/0, take/2, update/2, release/1, release_all/0, info/1]).

-record(file_info, {size, type, access, atime, mtime, ctime, mode, links, major_device,
                    minor_device, inode, uid, gid}).

start() ->
    Me = self(),
    Begin = fun() -> register(ejtui_lock, self()), Me ! ready, loop(#{}) end,
    spawn_link(Begin),
    receive ready -> ok end.

%% held, or {busy, Info} of the one who holds it. Taking one's own again updates its Info.
take(Path, Info) -> call({take, Path, Info}).

%% ok, or not_held.
update(Path, Info) -> call({update, Path, Info}).

release(Path) -> call({release, Path}).

release_all() -> call(release_all).

%% free, {busy, Info} or {unknown, Why}: asked from outside, also of one's own.
info(Path) ->
    case ask(Path) of
        stale -> free;
        Other -> Other
    end.

call(Request) ->
    Ref = monitor(process, ejtui_lock),
    ejtui_lock ! {self(), Ref, Request},
    receive
        {Ref, Answer} -> demonitor(Ref, [flush]), Answer;
        {'DOWN', Ref, process, _, Reason} -> exit(Reason)
    end.

loop(Held) ->
    receive
        {From, Ref, Request} ->
            {Answer, Next} = handle(Request, Held),
            From ! {Ref, Answer},
            loop(Next)
    end.

handle({take, Path, Info}, Held) when is_map_key(Path, Held) ->
    handle({update, Path, Info}, Held, held);
handle({take, Path, Info}, Held) ->
    case listen(Path, 3) of
        {ok, Socket} -> {held, Held#{Path => {Socket, serve(Socket, Info)}}};
        Busy -> {Busy, Held}
    end;
handle({update, Path, Info}, Held) ->
    handle({update, Path, Info}, Held, ok);
handle({release, Path}, Held) ->
    {drop(Path, Held), maps:remove(Path, Held)};
handle(release_all, Held) ->
    {lists:foreach(fun(Path) -> drop(Path, Held) end, maps:keys(Held)), #{}}.

handle({update, Path, Info}, Held, Answer) ->
    case Held of
        #{Path := {_, Server}} -> Server ! {info, Info}, {Answer, Held};
        #{} -> {not_held, Held}
    end.

drop(Path, Held) ->
    case Held of
        #{Path := {Socket, _}} ->
            _ = file:delete(Path),
            gen_tcp:close(Socket),
            ok;
        #{} ->
            not_held
    end.

%% Binding is what decides: it fails where the path exists.
listen(Path, Tries) ->
    case gen_tcp:listen(0, [{ifaddr, {local, Path}} | options()]) of
        {ok, Socket} ->
            _ = file:change_mode(Path, 8#600),
            {ok, Socket};
        {error, eaddrinuse} when Tries > 0 ->
            Inode = inode(Path),
            case ask(Path) of
                stale -> put_aside(Path, Inode), listen(Path, Tries - 1);
                free -> listen(Path, Tries - 1);
                Other -> Other
            end;
        {error, Reason} ->
            {unknown, ejtui_probe:text(inet:format_error(Reason))}
    end.

%% Another may replace the same dead socket at the same time: only the very file that refused is
%% removed, and a living one that was caught instead is put back.
put_aside(Path, Inode) ->
    Random = ejtui_os:hex(crypto:strong_rand_bytes(4)),
    Aside = <<Path/binary, ".", Random/binary>>,
    case file:rename(Path, Aside) of
        ok ->
            inode(Aside) =:= Inode orelse file:make_link(Aside, Path),
            file:delete(Aside);
        {error, _} ->
            ok
    end.

inode(Path) ->
    case file:read_link_info(Path, [raw]) of
        {ok, #file_info{inode = Inode}} -> Inode;
        {error, _} -> undefined
    end.

ask(Path) ->
    case gen_tcp:connect({local, Path}, 0, [local | options()], bound()) of
        {ok, Socket} ->
            Answer = gen_tcp:recv(Socket, 0, bound()),
            gen_tcp:close(Socket),
            told(Answer);
        {error, enoent} -> free;
        {error, econnrefused} -> stale;
        {error, Reason} -> {unknown, ejtui_probe:text(inet:format_error(Reason))}
    end.

told({ok, Info}) -> {busy, binary_to_term(Info, [safe])};
told({error, Reason}) -> {unknown, ejtui_probe:text(Reason)}.

serve(Socket, Info) ->
    Server = spawn(fun() -> answers(Info) end),
    spawn_link(fun() -> accept(Socket, Server) end),
    Server.

accept(Socket, Server) ->
    case gen_tcp:accept(Socket) of
        {ok, Client} ->
            Server ! {tell, Client},
            accept(Socket, Server);
        {error, closed} ->
            exit(Server, kill);
        {error, _} ->
            receive after 50 -> accept(Socket, Server) end
    end.

answers(Info) ->
    receive
        {info, New} ->
            answers(New);
        {tell, Client} ->
            _ = gen_tcp:send(Client, term_to_binary(Info)),
            gen_tcp:close(Client),
            answers(Info)
    end.

bound() -> 2000.

options() -> [binary, {active, false}, {packet, 4}].
