%% A closer look at this host and its node, for the troubleshooter: what a snapshot leaves out
%% because it takes longer or is seldom asked.
-module(ejtui_exam).
-export([take/2]).

-record(file_info, {size, type, access, atime, mtime, ctime, mode, links, major_device,
                    minor_device, inode, uid, gid}).

%% LogFile is ejabberd's; Pair are the two nodes whose way is known already.
take(LogFile, Pair) ->
    Spool = ejtui_probe:setting(spool_dir),
    Parts = [{dir, Spool}, {log, LogFile}, {node, ejtui_dist:node_name(), Pair}],
    [Dir, {Log, Core}, Node] = ejtui_guard:map(fun part/1, Parts, fun instead/2),
    Node#{directory => Dir, log => Log, core => Core,
          failed => [[Part, Why] || {Part, Why} <- ejtui_guard:failures()]}.

instead({dir, _}, _) -> #{exists => true, writable => true, owner => undefined, mode => undefined};
instead({log, File}, Why) -> {#{path => File, error => Why, pieces => []}, undefined};
instead({node, _, _}, _) -> unseen().

part({dir, Dir}) ->
    directory(Dir);
part({log, File}) ->
    Log = ejtui_log:since_start(File),
    Dirs = [ejtui_probe:setting(spool_dir), ejtui_probe:setting(home), filename:dirname(File)],
    Text = [Text || {_, Text} <- maps:get(pieces, Log)],
    {Log, ejtui_log:core(lists:usort(Dirs), Text)};
part({node, Node, Pair}) ->
    case lists:member(Node, nodes(connected)) of
        true -> node(Node, Pair);
        false -> unseen()
    end;
part({member, Other}) ->
    member(Other).

unseen() -> #{locks => [], members => [], connected => [], masters => [], same_dir => true}.

%% Whether the service's user may write there, and whose the directory is.
directory(Dir) ->
    case file:read_file_info(Dir, [raw, {time, posix}]) of
        {ok, #file_info{access = Access, mode = Mode, uid = Uid}} ->
            #{exists => true, writable => Access =:= read_write orelse Access =:= write,
              owner => ejtui_os:user_name(Uid), mode => Mode band 8#7777};
        {error, Reason} ->
            #{exists => Reason =/= enoent, writable => false, owner => undefined,
              mode => undefined}
    end.

node(Node, Pair) ->
    Said = ejtui_rpc:all(Node, #{
        locks => {mnesia, system_info, [held_locks]},
        db_nodes => {mnesia, system_info, [db_nodes]},
        directory => {mnesia, system_info, [directory]},
        masters => {mnesia, system_info, [master_node_tables]},
        connected => {erlang, nodes, [connected]}}, bound()),
    Get = fun(Key, Default) -> ejtui_rpc:value(maps:get(Key, Said), Default) end,
    Others = [Other || Other <- Get(db_nodes, []), not lists:member(Other, Pair)],
    Holding = lists:usort([Tid || {{schema, _}, _, Tid} <- Get(locks, [])]),
    #{locks => [#{transaction => ejtui_probe:text(Tid), at => runs_at(Node, Tid)}
                || Tid <- Holding],
      masters => Get(masters, []),
      connected => [Other || Other <- Get(connected, []), not own(Other)],
      same_dir => same(Get(directory, undefined), ejtui_probe:setting(spool_dir)),
      members => ejtui_guard:map(fun part/1, [{member, Other} || Other <- Others],
                                 fun lost/2)}.

lost({member, Other}, Why) ->
    #{node => Other, broken => probe, why => Why, ejabberd => undefined, schema => undefined}.

%% The node whose Mnesia has to end for what the transaction holds on Node to be free: the one
%% where it runs, or Node itself where that one knows it no more.
runs_at(Node, {tid, _, Pid}) when node(Pid) =:= Node ->
    Node;
runs_at(Node, {tid, _, Pid} = Tid) ->
    Asked = [node(Pid), mnesia, system_info, [held_locks], bound()],
    case ejtui_rpc:value(ejtui_rpc:call(Node, rpc, call, Asked, 2 * bound()), []) of
        [_ | _] = Locks ->
            case lists:keymember(Tid, 3, Locks) of
                true -> node(Pid);
                false -> Node
            end;
        _ ->
            Node
    end.

own(Node) -> lists:prefix("ejtui_", atom_to_list(Node)).

same(undefined, _) -> true;
same(One, Two) ->
    case {identity(One), identity(Two)} of
        {Same, Same} -> true;
        _ -> false
    end.

identity(Dir) ->
    case file:read_file_info(Dir, [raw]) of
        {ok, #file_info{inode = Inode, major_device = Device}} -> {Device, Inode};
        {error, _} -> Dir
    end.

%% Another member of the cluster: whether it is reached from this host, and what it is.
member(Other) ->
    Way = ejtui_layers:handshake(Other),
    Broken = maps:get(broken, Way),
    Seen = #{node => Other, broken => Broken, why => maps:get(why, Way), ejabberd => undefined,
             schema => undefined},
    case Broken of
        undefined -> maps:merge(Seen, asked(Other));
        _ -> Seen
    end.

asked(Other) ->
    Said = ejtui_rpc:all(Other, #{
        applications => {application, which_applications, [bound()]},
        schema => {mnesia, table_info, [schema, storage_type]}}, bound()),
    Up = ejtui_rpc:value(maps:get(applications, Said), []),
    #{ejabberd => lists:keymember(ejabberd, 1, Up),
      schema => ejtui_rpc:value(maps:get(schema, Said), undefined)}.

bound() -> 2500.
