%% To which account a record belongs, and which tables are kept by account.
-module(ejtui_owned).
-export([owner/2, keyed/1, definitions/2, definition/2, untold/0, read/2, chunks/1, gathered/4,
         lines/1, counts/1, prints/1]).

%% The account that a record belongs to, by the name of its table's key; none where the key is of
%% another shape, as in databases of very old releases.
owner(us, {User, Server}) -> known(User, Server);
owner(us, {User, Server, _Hash}) -> known(User, Server);
owner(usj, {User, Server, _Contact}) -> known(User, Server);
owner(usns, {User, Server, _Namespace}) -> known(User, Server);
owner(_, _) -> none.

known(User, Server) when is_binary(User), is_binary(Server), User =/= <<>> ->
    case prints(User) andalso prints(Server) of
        true -> {User, Server};
        false -> none
    end;
known(_, _) -> none.

%% Whether a name is without control characters, which no account's may hold: lines/1 parts rows by
%% two of them.
prints(<<Byte, Rest/binary>>) -> Byte >= 32 andalso Byte =/= 127 andalso prints(Rest);
prints(<<>>) -> true.

%% Whether a table with this definition is kept by account.
keyed(#{attributes := [Key | _]}) -> lists:member(Key, [us, usj, usns]);
keyed(_) -> false.

%% #{Table => #{attributes, type, record_name}} on Node; each none where it has no such table.
definitions(Node, Names) ->
    maps:from_list([{Name, definition(Node, Name)} || Name <- Names]).

definition(Node, Name) ->
    Item = fun(Key) -> {mnesia, table_info, [Name, Key]} end,
    Keys = [attributes, type, record_name],
    Said = ejtui_rpc:all(Node, maps:from_list([{Key, Item(Key)} || Key <- Keys]), bound()),
    maps:map(fun(_, Value) -> ejtui_rpc:value(Value, none) end, Said).

%% Tables that only serve another one, or say only what was seen last.
untold() -> [vcard_search, roster_version, last_activity, push_session, motd_users].

%% The records under each {Table, Key} on Node, in the same order. The tables must be there.
read(Node, Oids) ->
    lists:append([ejtui_rpc:value(ejtui_rpc:call(Node, lists, map, [fun mnesia:dirty_read/1, Now],
                                                 long()))
                  || Now <- chunks(Oids)]).

%% A list in pieces that one call may carry.
chunks([]) -> [];
chunks(List) ->
    {Now, Later} = lists:split(min(chunk(), length(List)), List),
    [Now | chunks(Later)].

%% {Rows, Found} with Row among Rows; once they are as many as one call may carry, Look(Rows, Found)
%% has looked at them.
gathered(Row, Rows, Look, Found) ->
    case length(Rows) + 1 < chunk() of
        true -> {[Row | Rows], Found};
        false -> {[], Look([Row | Rows], Found)}
    end.

%% Rows of fields (text, or atoms) as one text: fields are parted by the unit separator, rows by the
%% record separator. As so many terms they would take a multiple of it. A long one comes in pieces.
lines(Rows) ->
    ejtui_pieces:text(iolist_to_binary(
        lists:join(<<16#1E>>, [lists:join(<<16#1F>>, [field(Field) || Field <- Row])
                               || Row <- Rows]))).

field(Atom) when is_atom(Atom) -> atom_to_binary(Atom, utf8);
field(Text) -> Text.

%% A field with the numbers of a map.
counts(Map) ->
    lists:join($,, [[atom_to_binary(Name, utf8), $:, integer_to_list(Number)]
                    || {Name, Number} <- maps:to_list(Map)]).

chunk() -> 200.

bound() -> 10000.

long() -> 600 * 1000.
