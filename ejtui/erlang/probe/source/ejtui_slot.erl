%% The name of the probe's own node: one of a few, so that a node that has met one probe has met all.
%% A node never forgets a name that it has met.
%%
%% Two probes of one host never have one name: a name is a place that its owner holds, by a socket
%% that only ever exists while its owner lives. The part of the host in the pair is in the name,
%% too: the nodes of two hosts may have one name between them.
-module(ejtui_slot).
-export([name/0, number/0]).

name() -> unicode:characters_to_binary(["ejtui_", ejtui_probe:setting(role), $_, number()]).

%% The number of the place that this probe holds, as text. The process that asks first has to live
%% as long as the probe.
number() ->
    case ejtui_probe:setting(slot, none) of
        none ->
            Number = first_free(1),
            ets:insert(ejtui_probe, {slot, Number}),
            Number;
        Number ->
            Number
    end.

%% With more probes than places, each has a name of its own, as one of them would be cut off.
first_free(Number) when Number > 16 ->
    ejtui_os:hex(crypto:strong_rand_bytes(5));
first_free(Number) ->
    case held(os:type(), Number) of
        {ok, _} -> integer_to_binary(Number);
        {error, _} -> first_free(Number + 1)
    end.

%% On Linux a socket with a name that is no file's, elsewhere a port of the loopback interface.
held({unix, linux}, Number) ->
    Name = <<0, "ejtui_", (integer_to_binary(Number))/binary>>,
    gen_tcp:listen(0, [{ifaddr, {local, Name}}]);
held(_, Number) ->
    gen_udp:open(first_port() + Number, [{ip, {127, 0, 0, 1}}, {active, false}]).

first_port() -> 43690.
