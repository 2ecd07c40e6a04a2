%% Where a node's ejabberd serves its web admin.
-module(ejtui_web).
-export([admin/1]).

%% [{Port, Tls, Path}] of its listeners; none where they cannot be asked.
admin(Node) ->
    Listeners = ejtui_rpc:value(ejtui_rpc:call(Node, ejabberd_option, listen, [], 2500), []),
    [{Port, maps:get(tls, Options, false), path(Parts)}
     || {{Port, _, _}, ejabberd_http, #{request_handlers := Handlers} = Options} <- Listeners,
        {Parts, ejabberd_web_admin} <- Handlers].

path(Parts) -> iolist_to_binary([["/", Part] || Part <- Parts]).
