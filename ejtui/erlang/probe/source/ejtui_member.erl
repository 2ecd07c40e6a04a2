%% A member of the cluster that is not this host's own node: asked and ended by calls to it alone.
-module(ejtui_member).
-export([retire/2]).

%% Ends ejabberd and Mnesia on Node, moves Mnesia's files there into a backup called Folder in its
%% database directory, and ends the node: #{place, files}. Goes on where it was broken off.
retire(Node, Folder) ->
    Ask = fun(M, F, A) -> ejtui_rpc:value(ejtui_rpc:call(Node, M, F, A, bound())) end,
    Dir = Ask(mnesia, system_info, [directory]),
    _ = Ask(application, stop, [ejabberd]),
    stopped = Ask(mnesia, stop, []),
    Place = filename:join([Dir, "ejtui-backups", binary_to_list(Folder), "database"]),
    ok = Ask(filelib, ensure_dir, [filename:join(Place, "file")]),
    {ok, Names} = Ask(file, list_dir, [Dir]),
    Files = lists:delete(schema(), mnesia_files(Names)) ++ [Name || Name <- Names, Name =:= schema()],
    lists:foreach(fun(Name) -> moved(Ask, Dir, Place, Name) end, Files),
    _ = Ask(init, stop, []),
    #{place => ejtui_probe:text(Place), files => length(Files)}.

mnesia_files(Names) ->
    [Name || Name <- Names, ejtui_disk:is_mnesia_file(ejtui_probe:text(Name))].

moved(Ask, Dir, Place, Name) ->
    case Ask(file, rename, [filename:join(Dir, Name), filename:join(Place, Name)]) of
        ok -> ok;
        {error, Reason} -> ejtui_probe:refuse(Reason, [Name, ": ", file:format_error(Reason)])
    end.

%% Moved last: files without it are no database to any Mnesia.
schema() -> "schema.DAT".

bound() -> 30000.
