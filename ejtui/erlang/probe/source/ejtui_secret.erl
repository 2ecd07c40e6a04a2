%% The cookie, or a file with secrets, on its way between hosts and into a file. What passes from one
%% probe to the other is sealed for that probe alone: whatever records this probe's input and output,
%% such as a sudo that logs them, records nothing of it.
-module(ejtui_secret).
-export([of_option/4, public/0, sealed_cookie/1, write_sealed/2, opened_cookie/1, copy/2]).
-export([seal/2, write_file/2]).

%% A key for one secret, as text. Its other half never leaves this probe.
public() ->
    {Public, Private} = crypto:generate_key(ecdh, curve()),
    ets:insert(ejtui_probe, {{secret, Public}, Private}),
    base64:encode(Public).

%% The content of this host's cookie file as text that only who made the key can read.
sealed_cookie(Public) ->
    File = ejtui_cookie:file(),
    case ejtui_cookie:read(File) of
        {none, #{error := Code} = Facts} ->
            ejtui_probe:refuse(Code, [File, ": ", maps:get(why, Facts, <<"unusable">>)]);
        {_, _} ->
            seal(read(File), Public)
    end.

write_sealed(File, Text) -> write(File, opened(Text), 8#400).

%% A new file of any content, for its owner alone.
write_file(File, Text) -> write(File, opened(Text), 8#600).

%% The sealed cookie for this probe's memory alone.
opened_cookie(Text) ->
    case ejtui_cookie:parse(opened(Text)) of
        {ok, Cookie} -> Cookie;
        {error, Why} -> ejtui_probe:refuse('cookie-malformed', Why)
    end.

opened(Text) ->
    {Theirs, Public, Iv, Sealed, Tag} = binary_to_term(base64:decode(Text), [safe]),
    [{_, Private}] = ets:take(ejtui_probe, {secret, Public}),
    Key = key(Theirs, Private),
    case crypto:crypto_one_time_aead(aes_256_gcm, Key, Iv, Sealed, <<>>, Tag, false) of
        error -> ejtui_probe:refuse(garbled, "what was sealed was changed on its way");
        Bytes -> Bytes
    end.

%% The cookie that an option in a line of a file gives erl, into the cookie file: the one with this
%% digest alone. It may be in a later line.
of_option(From, Line, Sha, To) ->
    Lines = binary:split(read(From), <<"\n">>, [global]),
    Words = lists:flatmap(fun words/1, lists:nthtail(min(Line - 1, length(Lines)), Lines)),
    case [Cookie || Bare <- given(Words), Cookie <- quoted(Bare),
                    Sha =:= ejtui_os:hex(crypto:hash(sha256, Cookie))] of
        [Cookie | _] -> write(To, Cookie, 8#400);
        [] -> changed(From)
    end.

%% ejabberdctl passes some quotes on to erl, so that they are a part of the cookie.
quoted(Bare) -> [<<Quote/binary, Bare/binary, Quote/binary>>
                 || Quote <- [<<>>, <<"'">>, <<"\"">>, <<"\\\"">>]].

words(Line) ->
    case string:lexemes(Line, " \t\r") of
        [<<Sign, _/binary>> | _] when Sign =:= $#; Sign =:= $; -> [];
        Words -> [Bare || Word <- Words, Bare <- [string:trim(Word, both, "\"'\\;}")], Bare =/= <<>>]
    end.

given([Option, Cookie | Rest]) ->
    case binary:match(Option, <<"-setcookie">>) of
        nomatch -> given([Cookie | Rest]);
        _ -> [Cookie | given([Cookie | Rest])]
    end;
given(_) -> [].

changed(File) ->
    ejtui_probe:refuse(changed, [File, " has been changed meanwhile, or a variable stands there for "
                                       "the cookie: move it by hand"]).

%% From one file of this host to another.
copy(From, To) -> write(To, read(From), 8#400).

%% The bytes as text that only who made the key can read.
seal(Bytes, Key) -> base64:encode(term_to_binary(sealed(Bytes, base64:decode(Key)))).

sealed(Bytes, Public) ->
    {Mine, Private} = crypto:generate_key(ecdh, curve()),
    Iv = crypto:strong_rand_bytes(12),
    Key = key(Public, Private),
    {Sealed, Tag} = crypto:crypto_one_time_aead(aes_256_gcm, Key, Iv, Bytes, <<>>, true),
    {Mine, Public, Iv, Sealed, Tag}.

key(Theirs, Private) ->
    crypto:hash(sha256, [<<"ejtui">>, crypto:compute_key(ecdh, Theirs, Private, curve())]).

%% Any crypto that Erlang was ever built with has this curve.
curve() -> secp256r1.

read(File) ->
    case file:read_file(File) of
        {ok, Bytes} when byte_size(Bytes) =< 65536 -> Bytes;
        {ok, _} -> ejtui_probe:refuse('cookie-malformed', [File, ": too long for a cookie"]);
        {error, Reason} -> failed(File, Reason)
    end.

%% Written beside it, for its owner alone, and renamed. A link stays one.
write(File, Bytes, Mode) ->
    Target = ejtui_unsafe:target(File),
    Beside = <<Target/binary, ".", (ejtui_os:hex(crypto:strong_rand_bytes(4)))/binary, ".ejtui">>,
    try
        Device = done(file:open(Beside, [write, exclusive, raw, binary]), Beside),
        done(file:change_mode(Beside, Mode), Beside),
        done(file:write(Device, Bytes), Beside),
        done(file:sync(Device), Beside),
        done(file:close(Device), Beside),
        done(file:rename(Beside, Target), Target)
    after
        file:delete(Beside)
    end.

done(ok, _) -> ok;
done({ok, Value}, _) -> Value;
done({error, Reason}, File) -> failed(File, Reason).

failed(File, Reason) ->
    ejtui_probe:refuse(Reason, [File, ": ", file:format_error(Reason)]).
