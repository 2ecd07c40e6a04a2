%% ejabberd.yml on this host. What it holds leaves this probe sealed for who asked: whatever records
%% the probe's input and output records nothing of it.
-module(ejtui_config).
-export([about/2, sealed/3]).

-record(file_info, {size, type, access, atime, mtime, ctime, mode, links, major_device,
                    minor_device, inode, uid, gid}).

%% Which file the running node has loaded, from where it takes relative names, and what its
%% environment defines as macros, sealed, which files of others' modules it reads, too, and whether it
%% puts macros into texts. Of a node that does not answer, macros and files of its next start.
about(Node, Public) ->
    Calls = #{path => {ejabberd_config, path, []}, directory => {file, get_cwd, []},
              reader => {ejabberd_config, module_info, [exports]}},
    Answers = case lists:member(Node, nodes(connected)) of
        true -> ejtui_rpc:all(Node, Calls, bound());
        false -> #{}
    end,
    Macros = ejtui_secret:seal(macros(ejtui_start:environment(Node)), Public),
    Others = ejtui_start:other_files(Node),
    case Answers of
        #{path := {ok, Path}, directory := {ok, {ok, Directory}}, reader := {ok, Exports}} ->
            #{path => ejtui_probe:text(Path), directory => ejtui_probe:text(Directory),
              macros => Macros, others => Others,
              expands => lists:keymember(replace_keywords, 1, Exports)};
        _ ->
            #{path => <<>>, directory => <<>>, macros => Macros, others => Others}
    end.

macros(Environment) ->
    Lines = [[Name, $=, Value] || {"EJABBERD_MACRO_" ++ Name, Value} <- Environment],
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

bound() -> 5000.
