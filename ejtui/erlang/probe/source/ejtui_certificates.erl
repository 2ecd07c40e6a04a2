%% The files with certificates and keys that an ejabberd.yml names, as the service user finds them
%% on this host. What is in them stays in them.
-module(ejtui_certificates).
-export([matching/1]).

-record(file_info, {size, type, access, atime, mtime, ctime, mode, links, major_device,
                    minor_device, inode, uid, gid}).

%% [[Pattern, [[Path, Kind, Mode, Owner, Group, Why]]]]: what is there under each name or pattern of
%% names. Kind is pem, jwk (a key in JSON), other, or unreadable, and Why says more of the last two.
matching(Patterns) ->
    [[Pattern, [about(File) || File <- files(Pattern)]]
     || Pattern <- lists:sublist(Patterns, most_patterns())].

%% A link that leads nowhere is something that is there.
files(Pattern) ->
    Name = unicode:characters_to_list(Pattern),
    case lists:any(fun(Char) -> lists:member(Char, "*?[{") end, Name) of
        true -> lists:sublist(filelib:wildcard(Name), most_files());
        false -> [Name || not is_missing(file:read_link_info(Name, [raw]))]
    end.

is_missing({error, Reason}) -> Reason =:= enoent orelse Reason =:= enotdir;
is_missing({ok, _}) -> false.

about(File) ->
    case file:read_file_info(File, [raw]) of
        {ok, #file_info{type = regular, mode = Mode, uid = Uid, gid = Gid, size = Size}} ->
            {Kind, Why} = kind(File, Size),
            row(File, Kind, Mode band 8#777, ejtui_os:user_name(Uid), ejtui_os:group_name(Gid), Why);
        {ok, #file_info{type = Type}} ->
            row(File, other, 0, <<>>, <<>>, ["it is no regular file but a ", ejtui_probe:text(Type)]);
        {error, Reason} ->
            row(File, unreadable, 0, <<>>, <<>>, file:format_error(Reason))
    end.

row(File, Kind, Mode, Owner, Group, Why) ->
    [ejtui_probe:text(File), ejtui_probe:text(Kind), Mode, Owner, Group,
     unicode:characters_to_binary(Why)].

kind(File, Size) ->
    case Size =< most_bytes() andalso file:read_file(File) of
        false -> {other, "it is too long for a certificate"};
        {error, Reason} -> {unreadable, file:format_error(Reason)};
        {ok, Bytes} -> kind_of(Bytes)
    end.

kind_of(Bytes) ->
    case [Kind || {Kind, Mark} <- marks(), binary:match(Bytes, Mark) =/= nomatch] of
        [Kind | _] -> {Kind, ""};
        [] -> {other, "it holds neither a certificate nor a key"}
    end.

marks() -> [{pem, <<"-----BEGIN ">>}, {jwk, <<"\"kty\"">>}].

most_patterns() -> 500.

most_files() -> 500.

most_bytes() -> 200000.
