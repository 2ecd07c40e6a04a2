%% A lock that cannot outlive its holder: a unix socket PATH.RANDOM that the probe listens on.
%% Whoever connects hears who holds it; a dead holder's socket refuses, and is removed.
%%
%% To take it, one first publishes a socket (already listening, so that refusing means dead), then
%% looks for others: of two, the one that published later always sees the other and withdraws. A
%% name is never used twice, so that nobody removes a living one by mistake.
-module(ejtui_lock).
-export([start/0, take/2, release/1, release_all/0, info/1]).

start() ->
    Me = self(),
    Begin = fun() -> register(ejtui_lock, self()), Me ! ready, loop(#{}) end,
    spawn_link(Begin),
    receive ready -> ok end.

%% held, {busy, Info} of the one who holds it, or {unknown, Why} when that one does not say.
%% Taking one's own again updates its Info.
take(Path, Info) -> call({take, Path, Info}).

release(Path) -> call({release, Path}).

release_all() -> call(release_all).

%% free, {busy, Info} or {unknown, Why}: asked from outside, also of one's own.
info(Path) ->
    case others(Path, none) of
        contended -> free;
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
            {Answer, Next} = handled(Request, Held),
            From ! {Ref, Answer},
            loop(Next)
    end.

%% What goes wrong with one lock must not end the probe, and with it the others.
handled(Request, Held) ->
    try handle(Request, Held)
    catch
        _:Reason:Stack ->
            {{unknown, ejtui_probe:text(ejtui_probe:reason({Reason, Stack}))}, Held}
    end.

handle({take, Path, Info}, Held) when is_map_key(Path, Held) ->
    #{Path := {_, _, Server}} = Held,
    Server ! {answer, {holding, Info}},
    {held, Held};
handle({take, Path, Info}, Held) ->
    case contend(Path, Info, 8) of
        {held, Lock} -> {held, Held#{Path => Lock}};
        Other -> {Other, Held}
    end;
handle({release, Path}, Held) ->
    {drop(Path, Held), maps:remove(Path, Held)};
handle(release_all, Held) ->
    {lists:foreach(fun(Path) -> drop(Path, Held) end, maps:keys(Held)), #{}}.

drop(Path, Held) ->
    case Held of
        #{Path := Lock} -> withdraw(Lock);
        #{} -> not_held
    end.

withdraw({Name, Socket, _}) ->
    _ = file:delete(Name),
    gen_tcp:close(Socket),
    ok.

%% Two that contend at once both withdraw, and try again after unequal times.
contend(_, _, 0) ->
    {unknown, <<"several take it at once">>};
contend(Path, Info, Tries) ->
    case publish(Path) of
        {ok, {Name, _, Server} = Lock} ->
            case others(Path, Name) of
                free ->
                    Server ! {answer, {holding, Info}},
                    {held, Lock};
                contended ->
                    withdraw(Lock),
                    receive after rand:uniform(80) -> contend(Path, Info, Tries - 1) end;
                Other ->
                    withdraw(Lock),
                    Other
            end;
        {error, Reason} ->
            {unknown, ejtui_probe:text(inet:format_error(Reason))}
    end.

%% Bound and listening under a name that nobody looks at, then renamed.
publish(Path) ->
    Name = <<Path/binary, ".", (ejtui_os:hex(crypto:strong_rand_bytes(4)))/binary>>,
    New = <<Name/binary, ".new">>,
    case gen_tcp:listen(0, [{ifaddr, address(New)} | options()]) of
        {ok, Socket} ->
            Server = serve(Socket),
            _ = file:change_mode(New, 8#600),
            ok = file:rename(New, Name),
            {ok, {Name, Socket, Server}};
        Error ->
            Error
    end.

%% A socket's address has room for a hundred bytes: a longer name is given as seen from its directory.
address(File) when byte_size(File) =< 100 ->
    {local, File};
address(File) ->
    ok = file:set_cwd(filename:dirname(File)),
    {local, filename:basename(File)}.

%% What the living sockets of this lock say, but for one's own; dead ones are removed.
others(Path, Own) ->
    Base = filename:basename(Path),
    {ok, Names} = file:list_dir(filename:dirname(Path)),
    Found = [filename:join(filename:dirname(Path), Name)
             || Name <- [ejtui_probe:text(N) || N <- Names], is_lock(Base, Name)],
    verdict(asked([File || File <- Found, File =/= Own])).

%% All at once: many that send nothing take no longer than one.
asked(Files) ->
    Asked = [{spawn_monitor(fun() -> exit({said, ask(File)}) end), File} || File <- Files],
    [receive
         {'DOWN', Ref, process, _, {said, Said}} -> Said;
         {'DOWN', Ref, process, _, _} -> stranger(File, "it cannot be asked")
     end || {{_, Ref}, File} <- Asked].

is_lock(Base, Name) ->
    Size = byte_size(Base),
    case Name of
        <<Base:Size/binary, ".", Random/binary>> -> byte_size(Random) =:= 8;
        _ -> false
    end.

verdict(Said) ->
    case {lists:keyfind(busy, 1, Said), lists:keyfind(unknown, 1, Said)} of
        {{busy, _} = Busy, _} -> Busy;
        {_, {unknown, _} = Unknown} -> Unknown;
        _ ->
            case lists:member(contended, Said) of
                true -> contended;
                false -> free
            end
    end.

ask(File) ->
    case gen_tcp:connect(address(File), 0, [local | options()], bound()) of
        {ok, Socket} ->
            Answer = gen_tcp:recv(Socket, 0, bound()),
            gen_tcp:close(Socket),
            answered(File, Answer);
        {error, enoent} ->
            free;
        {error, econnrefused} ->
            _ = file:delete(File),
            free;
        {error, Reason} ->
            refused(File, ejtui_os:owner(File), inet:format_error(Reason))
    end.

%% Whoever may not connect cannot know whether an ejtui of another user's works there.
refused(File, {other, Owner}, How) ->
    {unknown, unicode:characters_to_binary(
        [File, " belongs to ", Owner, ": who holds the lock cannot be asked (", How, "). Where no "
         "ejtui works there as ", Owner, " (`ss -xlp` names what listens), remove it"])};
refused(File, _, How) ->
    stranger(File, How).

%% What comes compressed may be anything once it is not; no lock does.
answered(File, {ok, <<131, Kind, _/binary>> = Said}) when Kind =/= 80 ->
    try binary_to_term(Said, [safe]) of
        {holding, Info} when is_map(Info) -> {busy, Info};
        contending -> contended;
        _ -> stranger(File, "it sends something else")
    catch
        error:badarg -> stranger(File, "it sends something else")
    end;
answered(File, {ok, _}) -> stranger(File, "it sends something else");
answered(_, {error, closed}) -> free;
answered(File, {error, timeout}) -> stranger(File, "it sends nothing");
answered(File, {error, Reason}) -> stranger(File, inet:format_error(Reason)).

stranger(File, How) ->
    {unknown, unicode:characters_to_binary(
        [File, " is a socket at which no ejtui answers: ", How,
         ". End what listens there (`ss -xlp` names it), or remove it"])}.

serve(Socket) ->
    Server = spawn(fun() -> answers(contending) end),
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

answers(Answer) ->
    receive
        {answer, New} ->
            answers(New);
        {tell, Client} ->
            _ = gen_tcp:send(Client, term_to_binary(Answer)),
            gen_tcp:close(Client),
            answers(Answer)
    end.

bound() -> 2000.

options() -> [binary, {active, false}, {packet, 4}, {packet_size, 65536}].
