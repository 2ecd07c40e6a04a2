%% Reports that something changes on this host's node as soon as Mnesia, the distribution or ejabberd
%% itself shows it, so that nobody has to ask all the time.
-module(ejtui_watch).
-export([run/1]).

%% Progress watching, then changed after each change, at most once in a while. Ends, with ended, when
%% the node, its Mnesia or ejabberd goes. The node keeps no more of it than a subscription, which
%% goes with this process.
run(Node) ->
    process_flag(trap_exit, true),
    ok = net_kernel:monitor_nodes(true, [{node_type, all}]),
    monitor(process, {ejabberd_sup, Node}),
    subscribe(Node, system),
    subscribe(Node, {table, schema, simple}),
    ejtui_probe:progress(watching),
    watch(Node).

%% What mnesia:subscribe/1 does for the process that calls it.
subscribe(Node, What) ->
    case ejtui_rpc:call(Node, mnesia_subscr, subscribe, [self(), What], bound()) of
        {ok, {ok, _}} -> ok;
        {ok, {error, Reason}} -> ejtui_probe:refuse(mnesia, ejtui_probe:text(Reason));
        {error, Reason} -> ejtui_probe:refuse(rpc, ejtui_probe:text(Reason))
    end.

watch(Node) ->
    receive
        Message ->
            case news(Node, Message) of
                ended -> ended;
                none -> watch(Node);
                changed -> ejtui_probe:progress(changed), rest(Node, now_ms() + pause(), none)
            end
    end.

%% Many changes come together; what comes within the pause is reported once, after it.
rest(Node, End, Seen) ->
    receive
        Message ->
            case news(Node, Message) of
                ended -> ended;
                none -> rest(Node, End, Seen);
                changed -> rest(Node, End, changed)
            end
    after max(0, End - now_ms()) ->
        Seen =:= changed andalso ejtui_probe:progress(changed),
        case Seen of
            changed -> rest(Node, now_ms() + pause(), none);
            none -> watch(Node)
        end
    end.

news(Node, {nodedown, Node, _}) -> ended;
news(_, {'DOWN', _, process, _, _}) -> ended;
news(_, {'EXIT', _, _}) -> ended;
news(_, {Change, _, _}) when Change =:= nodeup; Change =:= nodedown -> changed;
news(_, {mnesia_system_event, _}) -> changed;
news(_, {mnesia_table_event, _}) -> changed;
news(_, _) -> none.

now_ms() -> erlang:monotonic_time(millisecond).

pause() -> 1000.

bound() -> 2500.
