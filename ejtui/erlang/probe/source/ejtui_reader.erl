%% ejabberd's own reader, asked in a VM beside this one. What it reads comes by a pipe to this probe
%% alone, so that nothing records it.
-module(ejtui_reader).
-export([run/2]).

%% {loaded, Answers}, refused, or undefined where the reader cannot be asked. Line is the program and
%% its arguments; Macros are added to its environment.
run([Program | Words], Macros) ->
    case os:find_executable(binary_to_list(Program)) of
        false -> undefined;
        Path ->
            Options = [{args, Words}, {cd, binary_to_list(ejtui_probe:setting(spool_dir))},
                       {env, Macros}, binary, exit_status, stderr_to_stdout, hide],
            Port = open_port({spawn_executable, Path}, Options),
            answer(gathered(Port, [], erlang:monotonic_time(millisecond) + bound()))
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
