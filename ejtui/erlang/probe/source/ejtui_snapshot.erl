%% Everything about this host's node at one moment, in one answer.
-module(ejtui_snapshot).
-export([take/1, vm/1]).

%% Known are the other nodes to look for, each with what is known of it, as
%% ejtui_layers:handshake/2 takes it.
take(Known) ->
    Peers = [Peer || {Peer, _} <- Known],
    ets:insert(ejtui_probe, [{{known, Peer}, About} || {Peer, About} <- Known]),
    [Cookie] = ejtui_guard:map(fun part/1, [cookie], fun instead/2),
    Node = ejtui_dist:node_name(),
    Wanted = [{node, Node}, spool, kept_erls | [{peer, Peer} || Peer <- Peers]],
    [{Vm, Facts}, Spool, Kept | Found] = ejtui_guard:map(fun part/1, Wanted, fun instead/2),
    Schema = {disk_schema, maps:get(mnesia, Facts, no)},
    [Disk] = ejtui_guard:map(fun part/1, [Schema], fun instead/2),
    maps:merge(
        #{node => Node,
          uid => ejtui_guard:value(uid, fun ejtui_os:uid/0, fun(_) -> undefined end),
          cookie => Cookie,
          addresses => ejtui_guard:value(addresses, fun addresses/0, fun(_) -> [] end),
          host_otp => ejtui_probe:text(erlang:system_info(otp_release)),
          host_erts => ejtui_probe:text(erlang:system_info(version)),
          spool => Spool,
          kept_erls => Kept,
          disk_schema => Disk,
          peers => maps:from_list(lists:zip(Peers, Found)),
          failed => [[Part, Why] || {Part, Why} <- ejtui_guard:failures()]},
        maps:merge(Vm, Facts)).

%% The host's own addresses, without those that every host has.
addresses() ->
    {ok, Interfaces} = inet:getifaddrs(),
    lists:usort([ejtui_probe:text(inet:ntoa(Address))
                 || {_, Options} <- Interfaces, {addr, Address} <- Options, own(Address)]).

own(Address) when size(Address) =:= 4 -> element(1, Address) =/= 127;
own({16#fe80, _, _, _, _, _, _, _}) -> false;
own(Address) -> Address =/= {0, 0, 0, 0, 0, 0, 0, 1}.

part(cookie) ->
    ejtui_dist:refresh();
part({node, Node}) ->
    Vm = vm(Node),
    case Vm of
        #{vm := up} -> asked(Node, Vm);
        _ -> {Vm, absent(Node, Vm)}
    end;
part(spool) ->
    ejtui_disk:spool(ejtui_probe:setting(spool_dir));
part(kept_erls) ->
    ejtui_shells:kept();
part({disk_schema, Running}) ->
    disk_schema(Running);
part({peer, Peer}) ->
    ejtui_layers:handshake(Peer, ejtui_probe:setting({known, Peer})).

%% What stands where a part crashed: nothing that could be taken for a state of the node.
instead(cookie, Why) ->
    #{error => 'probe-failed', why => Why};
instead({node, _}, Why) ->
    {#{vm => unknown, vm_code => 'probe-failed', vm_why => Why, epmd => undefined,
       epmd_error => undefined},
     nothing(undefined)};
instead(spool, Why) ->
    #{exists => true, error => Why, files => [], wrong_owner => [], wrong_owner_count => 0};
instead(kept_erls, _) ->
    [];
instead({disk_schema, _}, Why) ->
    #{error => Why};
instead({peer, Peer}, Why) ->
    #{node => Peer, broken => probe, code => 'probe-failed', why => Why}.

disk_schema(Running) when Running =:= yes; Running =:= starting -> undefined;
disk_schema(_) -> ejtui_disk:schema(ejtui_probe:setting(spool_dir)).

%% #{vm, vm_code, vm_why, epmd, epmd_error}: whether a virtual machine of that name runs.
vm(Node) ->
    Epmd = ejtui_layers:names(),
    Said = case Epmd of
        {ok, Names} -> #{epmd => [Name || {Name, _} <- Names], epmd_error => undefined};
        {error, Reason} -> #{epmd => undefined, epmd_error => ejtui_probe:text(Reason)}
    end,
    Verdict = case lists:member(Node, nodes(connected)) of
        true -> {up, undefined, undefined};
        false -> unless_held(Node, Epmd)
    end,
    {Vm, Code, Why} = Verdict,
    Said#{vm => Vm, vm_code => Code, vm_why => Why}.

unless_held(Node, Epmd) ->
    case ejtui_name:is_held() of
        true -> {down, undefined, <<"ejtui holds its name">>};
        false -> registered(Node, Epmd)
    end.

registered(Node, {ok, Names}) ->
    [Name, _] = string:split(atom_to_binary(Node, utf8), "@"),
    case lists:keymember(Name, 1, Names) orelse fixed_port() of
        true -> tried(Node);
        false -> {down, undefined, <<"epmd knows no node of that name">>}
    end;
registered(Node, {error, Reason}) ->
    case fixed_port() of
        true -> tried(Node);
        false when Reason =:= econnrefused -> {down, undefined, <<"no epmd runs here">>};
        false -> {unknown, 'epmd-silent', <<"epmd of this host does not answer">>}
    end.

fixed_port() -> init:get_argument(erl_epmd_port) =/= error.

tried(Node) ->
    case ejtui_layers:handshake(Node, #{mark => fun() -> os_pid(Node) end}) of
        #{broken := undefined} -> {up, undefined, undefined};
        #{broken := handshake, code := 'cookie-mismatch', why := Why} ->
            {rejected, 'cookie-mismatch', Why};
        #{broken := tcp, code := 'dist-loopback'} -> stale(fixed_port());
        #{code := Code, why := Why} -> {unknown, Code, Why}
    end.

stale(true) -> {down, undefined, <<"nothing listens on its port">>};
stale(false) -> {down, 'epmd-stale', <<"epmd lists it, but nothing listens on its port">>}.

%% Another process is worth another handshake.
os_pid(Node) ->
    case process(Node, erlang:monotonic_time(millisecond)) of
        undefined -> undefined;
        #{os_pid := Pid} -> Pid
    end.

%% A node that runs but cannot be asked, or that epmd does not know, still has a process.
absent(Node, _) ->
    case process(Node, erlang:monotonic_time(millisecond)) of
        undefined -> versions();
        Process -> maps:merge(versions(), maps:with([os_pid, started, interface], Process))
    end.

%% Where there was none, the operating system is not asked again for some seconds.
process(Node, Now) ->
    case ejtui_probe:setting(no_process, none) of
        Then when is_integer(Then), Now - Then < 3000 ->
            undefined;
        _ ->
            Found = ejtui_process:find(Node, ejtui_probe:setting(spool_dir)),
            Found =:= undefined andalso ets:insert(ejtui_probe, {no_process, Now}),
            Found
    end.

versions() -> nothing(ejtui_install:ejabberd_version()).

nothing(Version) ->
    #{ejabberd => false, ejabberd_loaded => false, mnesia => no, os_pid => undefined,
      started => undefined, starting => false, interface => undefined,
      otp_release => ejtui_probe:text(erlang:system_info(otp_release)),
      ejabberd_version => Version, vm_cookie_sha256 => undefined,
      db_nodes => [], running_db_nodes => [], directory => undefined, schema => undefined,
      tables => [], accounts => undefined}.

asked(Node, Vm) ->
    Info = fun(Item) -> {mnesia, system_info, [Item]} end,
    Said = ejtui_rpc:all(Node, #{
        applications => {application, which_applications, [bound()]},
        loaded => {application, loaded_applications, []},
        info => {application, info, []},
        arguments => {init, get_arguments, []},
        boot => {init, get_status, []},
        interface => {application, get_env, [kernel, inet_dist_use_interface]},
        otp => {erlang, system_info, [otp_release]},
        erts => {erlang, system_info, [version]},
        pid => {os, getpid, []},
        cookie => {erlang, get_cookie, []},
        mnesia => Info(is_running),
        db_nodes => Info(db_nodes),
        running => Info(running_db_nodes),
        extra => Info(extra_db_nodes),
        directory => Info(directory),
        tables => Info(tables)}, bound()),
    case Said of
        #{otp := {ok, _}} -> {Vm, told(Node, Said)};
        _ -> silent(Node, Vm)
    end.

silent(Node, Vm) ->
    ejtui_dist:forget(Node),
    Unknown = Vm#{vm => unknown, vm_code => 'not-connected',
                  vm_why => <<"connected, but it answers nothing within 2.5 s">>},
    {Unknown, absent(Node, Unknown)}.

told(Node, Said) ->
    Get = fun(Key, Default) -> ejtui_rpc:value(maps:get(Key, Said), Default) end,
    Running = Get(mnesia, no),
    Applications = Get(applications, []),
    {Schema, Tables} = ejtui_guard:value(
        tables, fun() -> database(Node, Running, Get(tables, [])) end,
        fun(_) -> {undefined, []} end),
    Up = lists:keymember(ejabberd, 1, Applications),
    Loaded = lists:keymember(ejabberd, 1, Get(loaded, [])),
    Started = ejtui_process:started(Get(arguments, []), Loaded),
    #{ejabberd => Up,
      ejabberd_loaded => Loaded,
      started => Started,
      starting => not Up andalso Started =:= ejabberd
          andalso starting(Get(boot, undefined), Get(info, [])),
      interface => interface(Get(interface, undefined)),
      ejabberd_version => version(Applications ++ Get(loaded, [])),
      otp_release => ejtui_probe:text(Get(otp, <<>>)),
      erts => ejtui_probe:text(Get(erts, <<>>)),
      os_pid => ejtui_probe:text(Get(pid, <<>>)),
      vm_cookie_sha256 => vm_cookie(Get(cookie, nocookie)),
      mnesia => Running,
      db_nodes => Get(db_nodes, []),
      running_db_nodes => Get(running, []),
      extra_db_nodes => Get(extra, []),
      directory => ejtui_probe:text(Get(directory, <<>>)),
      schema => Schema,
      tables => Tables,
      accounts => ejtui_guard:value(
          accounts, fun() -> ejtui_accounts:count(Node, Up, Tables) end,
          fun(_) -> undefined end)}.

%% Whether ejabberd is being started right now: the VM still boots (what `ejabberdctl status` calls
%% starting; ejabberd is started by the boot), or somebody starts the application in it.
starting({starting, _}, _) -> true;
starting(_, Info) -> lists:keymember(ejabberd, 1, proplists:get_value(starting, Info, [])).

%% The one address that the node takes connections on, undefined for all.
interface({ok, Address}) when is_tuple(Address) -> ejtui_probe:text(inet:ntoa(Address));
interface(_) -> undefined.

vm_cookie(nocookie) -> undefined;
vm_cookie(Cookie) -> ejtui_cookie:digest(Cookie).

version(Applications) ->
    case lists:keyfind(ejabberd, 1, Applications) of
        {_, _, Version} -> ejtui_probe:text(Version);
        false -> ejtui_install:ejabberd_version()
    end.

%% The schema apart from the tables. Nothing while Mnesia does not run.
database(Node, Running, Names) when Running =:= yes; Running =:= starting ->
    Rows = ejtui_mnesia:tables(Node, lists:sort(Names)),
    case lists:partition(fun(#{name := Name}) -> Name =:= schema end, Rows) of
        {[Schema], Tables} -> {Schema, Tables};
        {[], Tables} -> {undefined, Tables}
    end;
database(_, _, _) ->
    {undefined, []}.

bound() -> 2500.
