%% The cookie file: what Erlang would say of it. Reads it, never creates or changes it.
-module(ejtui_cookie).
-export([file/0, read/1, parse/1, digest/1]).

-record(file_info, {size, type, access, atime, mtime, ctime, mode, links, major_device,
                    minor_device, inode, uid, gid}).

file() -> filename:join(ejtui_probe:setting(home), <<".erlang.cookie">>).

%% {Cookie | none, Facts}: the cookie as an atom where the file can be read and is well-formed,
%% whatever its mode; the facts hold its digest only. `error` is a code of the catalogue.
read(File) ->
    case ejtui_unsafe:file(File) of
        undefined -> readable(File);
        Why -> {none, #{path => File, error => 'unsafe-path', why => Why}}
    end.

readable(File) ->
    case file:read_file_info(File, [raw, {time, posix}]) of
        {ok, #file_info{type = regular, mode = Mode, uid = Uid, size = Size}} ->
            Facts = #{path => File, mode => Mode band 8#7777, uid => Uid, size => Size,
                      owner => ejtui_os:user_name(Uid)},
            content(beginning(File), Mode, Facts);
        {ok, #file_info{}} ->
            {none, #{path => File, error => 'cookie-malformed', malformed => <<"no regular file">>}};
        {error, enoent} ->
            {none, #{path => File, error => 'cookie-missing', why => <<"no such file">>}};
        {error, Reason} ->
            {none, #{path => File, error => 'cookie-owner', why => why(Reason)}}
    end.

%% As much as tells whether it is a cookie: whatever is longer is none.
beginning(File) ->
    case file:open(File, [read, raw, binary]) of
        {ok, Device} ->
            Read = file:read(Device, longest()),
            _ = file:close(Device),
            case Read of eof -> {ok, <<>>}; _ -> Read end;
        Error ->
            Error
    end.

longest() -> 4096.

content({error, Reason}, _, Facts) ->
    {none, Facts#{error => 'cookie-owner', why => why(Reason)}};
content({ok, Bytes}, Mode, Facts) ->
    case parse(Bytes) of
        {ok, Cookie} ->
            Bare = binary_to_atom(string:trim(atom_to_binary(Cookie, latin1)), latin1),
            {Cookie, mode(Mode, Facts#{sha256 => digest(Cookie), bare_sha256 => digest(Bare)})};
        {error, Why} ->
            Sha = ejtui_os:hex(crypto:hash(sha256, stripped(Bytes))),
            {none, Facts#{sha256 => Sha, error => 'cookie-malformed', malformed => Why}}
    end.

mode(Mode, Facts) when Mode band 8#077 =/= 0 ->
    Facts#{error => 'cookie-mode', why => <<"must be accessible by its owner only">>};
mode(_, Facts) ->
    Facts.

%% As Erlang's auth does: printable ASCII, then nothing but line ends.
parse(Bytes) ->
    Cookie = stripped(Bytes),
    Bad = [C || <<C>> <= Cookie, C < $\s orelse C > $~],
    if
        Cookie =:= <<>> -> {error, <<"empty">>};
        Bad =/= [] -> {error, <<"characters that no cookie may hold">>};
        byte_size(Cookie) > 255 -> {error, <<"longer than 255 characters">>};
        true -> {ok, binary_to_atom(Cookie, latin1)}
    end.

stripped(Bytes) ->
    Size = byte_size(Bytes),
    case Size > 0 andalso lists:member(binary:last(Bytes), "\r\n") of
        true -> stripped(binary:part(Bytes, 0, Size - 1));
        false -> Bytes
    end.

digest(Cookie) -> ejtui_os:hex(crypto:hash(sha256, atom_to_binary(Cookie, latin1))).

why(Reason) -> ejtui_probe:text(file:format_error(Reason)).
