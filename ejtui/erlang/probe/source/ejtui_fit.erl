%% Which records of a database that lies in files go to a running node: those that ejabberd could
%% have written. The user who made the files may have put anything there.
-module(ejtui_fit).
-export([fold/4, doubts/2, known_kind/1]).

%% ejtui_kept:fold/4 over these records alone.
fold(Source, Tables, Fun, Acc) ->
    with_atoms(fun(Atoms) ->
        ejtui_kept:fold(Source, Tables, fun(Name, Record, In) ->
            case fits(Record, maps:get(Name, Tables), Atoms) of
                true -> Fun(Name, Record, In);
                false -> In
            end
        end, Acc)
    end).

%% How many records of each table are passed over, as lines.
doubts(Source, Tables) ->
    Found = with_atoms(fun(Atoms) ->
        ejtui_kept:fold(Source, Tables, fun(Name, Record, In) ->
            case fits(Record, maps:get(Name, Tables), Atoms) andalso named(Name, Record) of
                true -> In;
                false -> maps:update_with(Name, fun(N) -> N + 1 end, 1, In)
            end
        end, #{})
    end),
    [ejtui_probe:text([atom_to_binary(Name, utf8), ": ", integer_to_list(Number),
                       " records are left out: ejabberd does not write such"])
     || {Name, Number} <- lists:sort(maps:to_list(Found))].

%% Whether a password is of a kind that ejabberd can read.
known_kind(Plain) when is_binary(Plain) -> true;
known_kind({scram, Stored, Server, Salt, Count}) ->
    lists:all(fun is_binary/1, [Stored, Server, Salt]) andalso is_integer(Count);
known_kind({scram, Stored, Server, Salt, Hash, Count}) ->
    lists:member(Hash, [sha, sha256, sha512]) andalso known_kind({scram, Stored, Server, Salt, Count});
known_kind(_) -> false.

with_atoms(Work) ->
    Atoms = ets:new(atoms, [set, public]),  % a backup is read by a process of Mnesia's
    try Work(Atoms)
    after
        ets:delete(Atoms)
    end.

named(passwd, Record) -> ejtui_owned:owner(us, element(2, Record)) =/= none;
named(_, _) -> true.

fits(Record, #{attributes := Attributes, record_name := Name}, Atoms) ->
    tuple_size(Record) =:= length(Attributes) + 1 andalso element(1, Record) =:= Name
        andalso erlang:external_size(Record) =< most_bytes() andalso plain(Record, Atoms).

%% Whether a term is made of names, numbers and texts alone. What else there is works only on the
%% node that made it, or is code. A node that gets an atom keeps it for ever.
plain(Atom, Atoms) when is_atom(Atom) -> noted(Atom, Atoms);
plain(Plain, _) when is_binary(Plain); is_number(Plain); Plain =:= [] -> true;
plain([Head | Tail], Atoms) -> plain(Head, Atoms) andalso plain(Tail, Atoms);
plain(Tuple, Atoms) when is_tuple(Tuple) -> plain(tuple_to_list(Tuple), Atoms);
plain(Map, Atoms) when is_map(Map) -> plain(maps:to_list(Map), Atoms);
plain(_, _) -> false.

noted(Atom, Atoms) ->
    case ets:insert_new(Atoms, {Atom}) andalso ets:info(Atoms, size) > most_atoms() of
        true -> ejtui_probe:refuse(strange, ["its records hold more than ",
                                             integer_to_list(most_atoms()),
                                             " different atoms: no ejabberd writes that"]);
        false -> true
    end.

most_bytes() -> 16 * 1024 * 1024.

%% An Erlang node ends at a million; ejabberd has some ten thousand, its records some hundred.
most_atoms() -> 10000.
