%% Whether two databases keep one password for an account. Nothing of a password leaves here.
-module(ejtui_passwords).
-export([keys/1, read/2, compare/3, until/0]).

%% Keys that an account's password may have; newer releases keep one for each hash.
keys({User, Server}) ->
    [{User, Server} | [{User, Server, Kind} || Kind <- [plain, sha, sha256, sha512]]].

%% What Node keeps for each of Accounts: [[Record]]. It must have the table.
read(Node, Accounts) ->
    Oids = [{passwd, Key} || Account <- Accounts, Key <- keys(Account)],
    grouped(ejtui_owned:read(Node, Oids)).

grouped([]) -> [];
grouped(Read) ->
    {Now, Later} = lists:split(length(keys({<<>>, <<>>})), Read),
    [lists:append(Now) | grouped(Later)].

%% Until when plain passwords are hashed, of whatever comes to be compared from now on.
until() -> erlang:monotonic_time(millisecond) + 60000.

%% same, other, or unknown where the records prove neither: two SCRAM records of one password
%% differ in their salts. A plain password is hashed as the other side's record says, until the
%% monotonic time Until, in milliseconds; later ones are unknown.
compare(Ours, Theirs, Until) ->
    case lists:sort(Ours) =:= lists:sort(Theirs) of
        true when Ours =/= [] -> same;
        _ -> proven([pair(One, Other, Until) || One <- kept(Ours), Other <- kept(Theirs)])
    end.

proven(Verdicts) ->
    case {lists:member(same, Verdicts), lists:member(other, Verdicts)} of
        {_, true} -> other;
        {true, false} -> same;
        {false, false} -> unknown
    end.

kept(Records) -> [secret(element(3, Record)) || Record <- Records].

secret({scram, Stored, _, Salt, Count}) -> {sha, Stored, Salt, Count};
secret({scram, Stored, _, Salt, Hash, Count}) -> {Hash, Stored, Salt, Count};
secret(Plain) when is_binary(Plain) -> Plain;
secret(_) -> unknown.

pair(Plain, Plain, _) when is_binary(Plain) -> same;
pair(Plain, Other, _) when is_binary(Plain), is_binary(Other) -> other;
pair(Plain, Scram, Until) when is_binary(Plain), is_tuple(Scram) -> hashed(Plain, Scram, Until);
pair(Scram, Plain, Until) when is_binary(Plain), is_tuple(Scram) -> hashed(Plain, Scram, Until);
pair({Hash, Stored, Salt, Count}, {Hash, Stored, Salt, Count}, _) -> same;
pair({Hash, _, Salt, Count}, {Hash, _, Salt, Count}, _) -> other;
pair(_, _, _) -> unknown.

hashed(Plain, Scram, Until) ->
    case erlang:monotonic_time(millisecond) < Until of
        true -> matched(Plain, Scram);
        false -> unknown
    end.

%% As RFC 5802 has it. A password beyond ASCII may be prepared otherwise before it is hashed: that
%% it does not match proves nothing. Older releases of Erlang cannot compute it.
matched(Plain, {Hash, Stored, Salt, Count}) ->
    try
        Length = maps:get(size, crypto:hash_info(Hash)),
        Salted = crypto:pbkdf2_hmac(Hash, Plain, base64:decode(Salt), Count, Length),
        Key = crypto:mac(hmac, Hash, Salted, <<"Client Key">>),
        case base64:encode(crypto:hash(Hash, Key)) of
            Stored -> same;
            _ -> proves_other(Plain)
        end
    catch
        error:_ -> unknown
    end.

proves_other(Plain) ->
    case lists:all(fun(Byte) -> Byte >= 32 andalso Byte < 127 end, binary_to_list(Plain)) of
        true -> other;
        false -> unknown
    end.
