%% What a node's own settings would change in the whole cluster when it starts as a member: the
%% definitions of tables in ejabberd.schema, and the format in which it stores passwords.
-module(ejtui_custom).
-export([schema/1, parsed/2, passwords/3, plain/1]).

-record(file_info, {size, type, access, atime, mtime, ctime, mode, links, major_device,
                    minor_device, inode, uid, gid}).

%% #{path, elsewhere, text, error}: the file as the node reads it when it starts; text is undefined
%% where there is none, elsewhere is whether EJABBERD_MNESIA_SCHEMA names its directory.
schema(Node) ->
    {Dir, Elsewhere} = directory(Node),
    Path = filename:join(Dir, "ejabberd.schema"),
    Said = #{path => ejtui_probe:text(Path), elsewhere => Elsewhere, text => undefined,
             error => undefined},
    case read(Path) of
        {ok, Text} -> Said#{text => Text};
        {error, enoent} -> Said;
        {error, not_regular} -> Said#{error => <<"is no regular file">>};
        {error, Reason} -> Said#{error => ejtui_probe:text(file:format_error(Reason))}
    end.

%% As ejabberd looks for it: the environment of a running machine first.
directory(Node) ->
    case [Dir || Dir <- [of_machine(Node), os:getenv(variable())], Dir =/= false, Dir =/= ""] of
        [Dir | _] -> {Dir, true};
        [] -> {ejtui_probe:setting(spool_dir), false}
    end.

of_machine(Node) ->
    case lists:member(Node, nodes(connected)) of
        true -> ejtui_rpc:value(ejtui_rpc:call(Node, os, getenv, [variable()], bound()), false);
        false -> false
    end.

variable() -> "EJABBERD_MNESIA_SCHEMA".

%% No more than a settings file holds; of a pipe or a device nothing, which might never end.
read(Path) ->
    case file:read_file_info(Path, [raw, {time, posix}]) of
        {ok, #file_info{type = regular}} -> read_regular(Path);
        {ok, _} -> {error, not_regular};
        Error -> Error
    end.

read_regular(Path) ->
    case file:open(Path, [read, raw, binary]) of
        {ok, Device} ->
            Most = most(),
            Data = file:read(Device, Most + 1),
            ok = file:close(Device),
            case Data of
                {ok, Text} when byte_size(Text) =< Most -> {ok, Text};
                {ok, _} -> {error, efbig};
                eof -> {ok, <<>>};
                Error -> Error
            end;
        Error ->
            Error
    end.

%% The tables of such a text, read by the node's own reader: [{Table, [{Key, Value}]}], all as
%% text, or undefined where it cannot read them.
parsed(Node, Text) ->
    case ejtui_rpc:call(Node, fast_yaml, decode, [Text, []], bound()) of
        {ok, {ok, Terms}} -> lists:sort([table(Term) || Term <- lists:flatten(Terms)]);
        _ -> undefined
    end.

table({Name, Options}) when is_list(Options) ->
    {ejtui_probe:text(Name), lists:sort([option(Option) || Option <- Options])};
table(Other) ->
    {ejtui_probe:text(Other), []}.

option({Key, Value}) when is_list(Value) ->
    {ejtui_probe:text(Key), lists:join(<<", ">>, [ejtui_probe:text(Item) || Item <- Value])};
option({Key, Value}) -> {ejtui_probe:text(Key), ejtui_probe:text(Value)};
option(Other) -> {ejtui_probe:text(Other), <<>>}.

%% #{source, hosts => #{Host => plain | scram}}: how the node stores the passwords of Hosts and of
%% its own. A node that does not run is not asked: then source is file, or undefined where File
%% does not answer it, and the one host is <<"*">>.
passwords(Node, Hosts, File) ->
    Own = case lists:member(Node, nodes(connected)) of
        true -> ejtui_rpc:call(Node, ejabberd_option, hosts, [], bound());
        false -> {error, down}
    end,
    case Own of
        {ok, Served} when is_list(Served) ->
            All = lists:usort(Served ++ Hosts),
            Said = lists:zip(All, formats(Node, All)),
            #{source => running,
              hosts => maps:from_list([{Host, F} || {Host, F} <- Said, F =/= undefined])};
        _ ->
            of_file(read(File))
    end.

%% All by one call; by a call for each where one of them is not known there.
formats(Node, Hosts) ->
    Query = [fun ejabberd_option:auth_password_format/1, Hosts],
    case ejtui_rpc:call(Node, lists, map, Query, bound()) of
        {ok, Formats} -> Formats;
        {error, _} -> [format(Node, Host) || Host <- Hosts]
    end.

format(Node, Host) ->
    case ejtui_rpc:call(Node, ejabberd_option, auth_password_format, [Host], bound()) of
        {ok, Format} when is_atom(Format) -> Format;
        _ -> undefined
    end.

%% How many passwords the node's database holds as plain text.
plain(Node) ->
    Match = [{{passwd, '_', '$1'}, [{is_binary, '$1'}], [true]}],
    length(ejtui_rpc:value(ejtui_rpc:call(Node, mnesia, dirty_select, [passwd, Match], long()))).

%% Nothing is taken from the file but this one word; what else may say so makes it unknown.
of_file({ok, Text}) ->
    Elsewhere = "^([ \\t]+[\"']?auth_password_format|[ \\t]*-?[ \\t]*include_config_file)",
    Top = "^[\"']?auth_password_format[\"']?[ \\t]*:[ \\t]*[\"']?(plain|scram)",
    case re:run(Text, Elsewhere, [multiline]) of
        {match, _} ->
            unknown();
        nomatch ->
            case re:run(Text, Top, [multiline, {capture, [1], binary}]) of
                {match, [Format]} -> #{source => file, hosts => #{<<"*">> => Format}};
                nomatch -> #{source => file, hosts => #{<<"*">> => plain}}
            end
    end;
of_file({error, _}) ->
    unknown().

unknown() -> #{source => undefined, hosts => #{}}.

most() -> 1048576.

%% What grows with the accounts.
long() -> 60000.

bound() -> 5000.
