%% The probe's heart: reads framed questions from standard input, answers each from a process
%% of its own with a bound, and halts when the input ends.
%%
%% A question is one line: base64 of the external term {Id, BoundMs, Name, Args}.
%% An answer is one or more lines: MARK ID KIND BASE64, where KIND is
%%   +  a piece, more of the same answer follow    =  the (last piece of the) answer
%%   !  what went wrong: #{code, text}             ~  progress of a question under way
-module(ejtui_probe).
-export([run/1, setting/1, setting/2, progress/1, teller/0, cancel/1, refuse/2, text/1, reason/1]).

run(Settings) ->
    guard(self()),
    quiet(),
    ok = io:setopts(user, [binary, {encoding, latin1}]),
    ets:new(ejtui_probe, [named_table, public, {read_concurrency, true}]),
    ets:insert(ejtui_probe, maps:to_list(Settings)),
    ejtui_dist:start(),
    ejtui_lock:start(),
    lease(),
    say(0, $=, #{otp_release => text(erlang:system_info(otp_release))}),
    read().

setting(Name) -> ets:lookup_element(ejtui_probe, Name, 2).

setting(Name, Default) ->
    case ets:lookup(ejtui_probe, Name) of
        [{_, Value}] -> Value;
        [] -> Default
    end.

%% Sends a progress term for the question that this process answers.
progress(Term) ->
    case get(ejtui_question) of
        undefined -> ok;
        Id -> say(Id, $~, Term)
    end.

%% The same as a function, for work on this question that another process does.
teller() ->
    Id = get(ejtui_question),
    fun(Term) -> put(ejtui_question, Id), progress(Term) end.

%% Ends the question with an error of its own code.
-spec refuse(atom(), iodata()) -> no_return().
refuse(Code, Text) -> throw({refused, Code, Text}).

%% Text of any kind as a binary, so that the other side need not guess.
text(Binary) when is_binary(Binary) -> Binary;
text(Atom) when is_atom(Atom) -> atom_to_binary(Atom, utf8);
text(Number) when is_integer(Number) -> integer_to_binary(Number);
text(List) when is_list(List) ->
    try unicode:characters_to_binary(List) of
        Binary when is_binary(Binary) -> Binary;
        _ -> term_text(List)
    catch
        error:badarg -> term_text(List)
    end;
text(Term) -> term_text(Term).

term_text(Term) -> unicode:characters_to_binary(io_lib:format("~0tp", [Term])).

%% A probe that can no longer be asked is gone, not silent.
guard(Reader) ->
    spawn(fun() ->
        Ref = monitor(process, Reader),
        receive {'DOWN', Ref, process, _, _} -> erlang:halt(1, [{flush, false}]) end
    end).

%% Nothing but answers belongs on standard output.
quiet() ->
    _ = logger:remove_handler(default),
    _ = logger:set_primary_config(level, none),
    ok.

read() ->
    case io:get_line(user, "") of
        Line when is_binary(Line) ->
            ejtui_lease ! asked,
            spawn(fun() -> question(Line) end),
            read();
        _ ->
            leave()
    end.

leave() ->
    ejtui_lock:release_all(),
    erlang:halt(0, [{flush, false}]).

%% A line that is gone without a word leaves its input open for hours, and would leave the locks
%% held: whoever lives asks something in time.
lease() ->
    Bound = setting(lease_ms),
    register(ejtui_lease, spawn(fun() -> leased(Bound) end)).

leased(Bound) ->
    receive asked -> leased(Bound) after Bound -> leave() end.

question(Line) ->
    Frame = binary:part(Line, 0, byte_size(Line) - 1),
    {Id, Bound, Name, Args} = binary_to_term(base64:decode(Frame)),
    {Pid, Ref} = spawn_monitor(fun() -> work(Id, Name, Args) end),
    Name =:= cancel orelse ets:insert(ejtui_probe, {{worker, Id}, Pid}),
    receive
        {'DOWN', Ref, process, Pid, {answer, Answer}} -> say(Id, $=, Answer);
        {'DOWN', Ref, process, Pid, {refused, Code, Text}} -> trouble(Id, Code, Text);
        {'DOWN', Ref, process, Pid, Reason} -> trouble(Id, crashed, reason(Reason))
    after Bound ->
        exit(Pid, kill),
        trouble(Id, timeout, ["no answer to ", text(Name), " within ",
                              integer_to_list(Bound), " ms"])
    end,
    Name =:= cancel orelse ets:delete(ejtui_probe, {worker, Id}).

%% Ends the work on a question, as its bound would.
cancel(Id) ->
    case setting({worker, Id}, none) of
        none -> not_under_way;
        Pid -> exit(Pid, kill), ok
    end.

work(Id, Name, Args) ->
    put(ejtui_question, Id),
    try ejtui_questions:answer(Name, Args) of
        Answer -> exit({answer, Answer})
    catch
        throw:{refused, Code, Text} -> exit({refused, Code, Text})
    end.

%% Without the stack and without terms: they may hold what nobody should read.
reason({Reason, [{_, _, _, _} | _] = Stack}) ->
    [kind(Reason), " in ", lists:join(", called by ", [place(Frame) || Frame <- near(Stack)])];
reason(Reason) ->
    kind(Reason).

%% Of a term not what it holds, which may be a value of ejabberd.yml.
kind(Atom) when is_atom(Atom) -> text(Atom);
kind({Kind, {error, Why}}) when is_atom(Kind), is_atom(Why) -> [text(Kind), ": error ", text(Why)];
kind(Term) when is_tuple(Term), tuple_size(Term) > 0 -> kind(element(1, Term));
kind(_) -> "a term that is not shown".

%% The function that failed, and where it is not the probe's own, the one of the probe's.
near([{_, _, _, _} = Top | Rest]) ->
    case own(Top) of
        true -> [Top];
        false -> [Top | lists:sublist([Frame || Frame <- Rest, own(Frame)], 1)]
    end.

own({M, _, _, _}) -> lists:prefix("ejtui_", atom_to_list(M)).

place({M, F, _, _}) -> [text(M), ":", text(F)].

trouble(Id, Code, Text) -> say(Id, $!, #{code => Code, text => text(Text)}).

say(Id, Kind, Term) ->
    Data = base64:encode(term_to_binary(Term, [{compressed, 1}])),
    ok = io:put_chars(user, frames(integer_to_list(Id), Kind, Data)).

frames(Id, Kind, <<Piece:24576/binary, Rest/binary>>) when Rest =/= <<>> ->
    ["\nejtui:", Id, " + ", Piece, "\n" | frames(Id, Kind, Rest)];
frames(Id, Kind, Data) ->
    ["\nejtui:", Id, $\s, Kind, $\s, Data, "\n"].
