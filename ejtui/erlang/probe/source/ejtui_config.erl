%% ejabberd.yml on this host. What it holds leaves this probe sealed for who asked: whatever records
%% the probe's input and output records nothing of it.
-module(ejtui_config).
-export([about/2, sealed/3, code_paths/1, macros_of/1]).

-record(file_info, {size, type, access, atime, mtime, ctime, mode, links, major_device,
                    minor_device, inode, uid, gid}).

%% Of a node on which ejabberd runs: which file it has loaded, from where it takes relative names,
%% and what its environment defines as macros, sealed; undefined where it does not answer.
about(Node, Public) ->
    Calls = #{path => {ejabberd_config, path, []},
              directory => {file, get_cwd, []},
              environment => {os, getenv, []}},
    case lists:member(Node, nodes(connected)) of
        true -> answered(ejtui_rpc:all(Node, Calls, bound()), Public);
        false -> undefined
    end.

answered(#{path := {ok, Path}, directory := {ok, {ok, Directory}}, environment := {ok, Env}},
         Public) ->
    #{path => ejtui_probe:text(Path),
      directory => ejtui_probe:text(Directory),
      macros => ejtui_secret:seal(macros(Env), Public)};
answered(_, _) ->
    undefined.

%% The macros that the environment of a running node defines, for that of another VM.
macros_of(Node) ->
    Env = case lists:member(Node, nodes(connected)) of
        true -> ejtui_rpc:value(ejtui_rpc:call(Node, os, getenv, [], bound()), []);
        false -> []
    end,
    [{Name, tl(Value)} || "EJABBERD_MACRO_" ++ _ = Line <- Env,
                          {Name, Value} <- [lists:splitwith(fun(Char) -> Char =/= $= end, Line)]].

macros(Env) ->
    Lines = [Line || "EJABBERD_MACRO_" ++ Line <- Env],
    unicode:characters_to_binary(lists:join([0], Lines)).

%% A file that this user may read, of at most so many bytes.
sealed(File, Most, Public) ->
    case file:read_file_info(File, [raw]) of
        {ok, #file_info{type = regular, size = Size}} when Size =< Most ->
            case file:read_file(File) of
                {ok, Bytes} -> ejtui_secret:seal(Bytes, Public);
                {error, Reason} -> failed(Reason)
            end;
        {ok, #file_info{type = regular, size = Size}} ->
            ejtui_probe:refuse(efbig, ["it has ", integer_to_binary(Size), " bytes, and ",
                                       integer_to_binary(Most), " at most are read"]);
        {ok, #file_info{type = other}} ->
            ejtui_probe:refuse(eftype, "it is no regular file");
        {ok, #file_info{type = Type}} ->
            ejtui_probe:refuse(eftype, ["it is no regular file but a ", ejtui_probe:text(Type)]);
        {error, Reason} ->
            failed(Reason)
    end.

failed(Reason) -> ejtui_probe:refuse(Reason, file:format_error(Reason)).

%% Where the code of ejabberd lies: as the running node has it, else as it is installed.
code_paths(Node) ->
    Own = case lists:member(Node, nodes(connected)) of
        true -> ejtui_rpc:call(Node, code, get_path, [], bound());
        false -> {error, down}
    end,
    Paths = case Own of
        {ok, Known} when is_list(Known) -> [Path || [$/ | _] = Path <- Known];
        _ -> ejtui_install:code_paths()
    end,
    [ejtui_probe:text(Path) || Path <- Paths, not lists:prefix(code:lib_dir(), Path)].

bound() -> 5000.
