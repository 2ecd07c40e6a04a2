%% ejabberd's own reader, asked in a VM beside this one. What it reads comes by a pipe to this probe
%% alone, so that nothing records it.
-module(ejtui_reader).
-export([run/3, check/5, unknown/4, output/4]).

%% {loaded, Answers}, refused, or undefined where the reader cannot be asked. Line is the program and
%% its arguments, Words what follows them; it reads as Node does, or would at its start.
run(Node, Line, Words) ->
    answer(said(Node, Line, Words)).

%% What the reader prints of a file, for who made that key alone.
check(Node, Line, Program, File, Public) ->
    Said = case said(Node, Line, ["-noinput", "-eval", Program, "-extra", File]) of
        undefined -> <<>>;
        Text -> Text
    end,
    ejtui_secret:seal(Said, Public).

%% Those of the names that the program does not know; undefined where it cannot be asked.
unknown(Node, Line, Program, Names) ->
    Given = iolist_to_binary(lists:join($,, Names)),
    case said(Node, Line, ["-noinput", "-eval", Program, "-extra", Given]) of
        undefined -> undefined;
        Said ->
            Lines = binary:split(Said, <<"\n">>, [global]),
            case lists:member(<<"asked">>, Lines) of
                true -> [Name || <<"unknown ", Name/binary>> <- Lines];
                false -> undefined
            end
    end.

said(Node, [Program | Words], More) ->
    Args = Words ++ More ++ ejtui_start:code_paths(Node),
    Options = [{cd, binary_to_list(ejtui_probe:setting(spool_dir))},
               {env, ejtui_start:environment(Node)}],
    output(binary_to_list(Program), Args, Options, bound()).

%% What a program prints, within so many milliseconds; undefined where it is not there. Options are
%% those of its port.
output(Program, Args, Options, Bound) ->
    case os:find_executable(Program) of
        false -> undefined;
        Path ->
            All = [{args, Args}, binary, exit_status, stderr_to_stdout, hide | Options],
            Port = open_port({spawn_executable, Path}, All),
            gathered(Port, [], erlang:monotonic_time(millisecond) + Bound)
    end.

gathered(Port, Said, End) ->
    Left = max(0, End - erlang:monotonic_time(millisecond)),
    receive
        {Port, {data, Bytes}} -> gathered(Port, [Said, Bytes], End);
        {Port, {exit_status, _}} -> iolist_to_binary(Said)
    after Left ->
        ended(erlang:port_info(Port, os_pid), Port)
    end.

%% It has read nothing of its input, and would not end with it.
ended({os_pid, Pid}, Port) ->
    _ = os:cmd("kill -KILL " ++ integer_to_list(Pid)),
    try port_close(Port) catch error:_ -> true end,
    <<>>;
ended(undefined, _) ->
    <<>>.

answer(undefined) ->
    undefined;
answer(Said) ->
    Lines = binary:split(Said, <<"\n">>, [global]),
    case [Line || Line <- Lines, is_answer(Line)] of
        [<<"loaded ", Text/binary>> | _] -> {loaded, binary_to_term(base64:decode(Text))};
        [<<"refused">> | _] -> refused;
        _ -> undefined
    end.

is_answer(<<"loaded ", _/binary>>) -> true;
is_answer(Line) -> Line =:= <<"refused">>.

bound() -> 45000.
