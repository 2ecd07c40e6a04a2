%% Many accounts, made inside the Mnesia of a running ejabberd: copies of a seeded account's own
%% records under other names. Whatever a release keeps of an account, it keeps of these.
-module(crowd).
-export([fill/3]).

%% {Accounts, Contacts} that there are afterwards. Both tables are kept in memory while they are
%% written, and go back to the Storage wanted, `same` for what they had.
fill(Count, Contacts, Wanted) ->
    Tables = [passwd, roster],
    Before = [{Table, mnesia:table_info(Table, storage_type)} || Table <- Tables],
    [Passwd, Roster] = [any(Table) || Table <- Tables],
    [stored(Table, ram_copies) || Table <- Tables],
    lists:foreach(
        fun(Number) ->
            ok = mnesia:dirty_write(account(Passwd, Number)),
            [ok = mnesia:dirty_write(contact(Roster, Number, Friend, Count))
             || Friend <- lists:seq(1, Contacts)]
        end,
        lists:seq(1, Count)),
    [stored(Table, wanted(Wanted, Storage)) || {Table, Storage} <- Before],
    list_to_tuple([mnesia:table_info(Table, size) || Table <- Tables]).

wanted(same, Storage) -> Storage;
wanted(Wanted, _) -> Wanted.

stored(Table, Storage) ->
    case mnesia:change_table_copy_type(Table, node(), Storage) of
        {atomic, ok} -> ok;
        {aborted, {already_exists, _, _, _}} -> ok
    end.

any(Table) ->
    case mnesia:dirty_read(Table, mnesia:dirty_first(Table)) of
        [Record | _] -> Record;
        [] -> none
    end.

account(Passwd, Number) ->
    setelement(2, Passwd, setelement(1, element(2, Passwd), name(Number))).

contact(Roster, Number, Friend, Count) ->
    {_, Server} = element(3, Roster),
    Jid = {name((Number + Friend) rem Count + 1), Server, <<>>},
    Owner = {name(Number), Server},
    lists:foldl(fun({At, Value}, Record) -> setelement(At, Record, Value) end, Roster,
                [{2, {name(Number), Server, Jid}}, {3, Owner}, {4, Jid}]).

name(Number) -> iolist_to_binary(io_lib:format("crowd~6..0b", [Number])).
