%% A long text in pieces, each a separate answer: a list of a million accounts is longer than one
%% answer may be. Pieces end between rows, at a record separator, which is left out there.
-module(ejtui_pieces).
-export([text/1, take/2]).

%% Text itself where it is short; else {pieces, Id, Count}, to be taken one after the other.
text(Text) when byte_size(Text) =< 1048576 ->
    Text;
text(Text) ->
    Id = erlang:unique_integer([positive]),
    Now = erlang:monotonic_time(millisecond),
    forget(Now - kept()),
    {pieces, Id, put_pieces(Text, Id, Now, 0)}.

%% A piece, which is kept no longer.
take(Id, Number) ->
    case ets:take(ejtui_probe, {piece, Id, Number}) of
        [{_, {_, Piece}}] -> Piece;
        [] -> ejtui_probe:refuse(gone, "a piece of an answer is kept no longer")
    end.

put_pieces(Text, Id, Now, Count) ->
    {Piece, Rest} = cut(Text),
    ets:insert(ejtui_probe, {{piece, Id, Count}, {Now, binary:copy(Piece)}}),
    case Rest of
        <<>> -> Count + 1;
        _ -> put_pieces(Rest, Id, Now, Count + 1)
    end.

cut(Text) when byte_size(Text) =< 1048576 ->
    {Text, <<>>};
cut(Text) ->
    case binary:match(Text, <<16#1E>>, [{scope, {1048576, byte_size(Text) - 1048576}}]) of
        {At, 1} -> {binary:part(Text, 0, At),
                    binary:part(Text, At + 1, byte_size(Text) - At - 1)};
        nomatch -> {Text, <<>>}
    end.

%% Those of an answer that nobody waits for any more.
forget(Before) ->
    Old = {{{piece, '_', '_'}, {'$1', '_'}}, [{'<', '$1', Before}], [true]},
    ets:select_delete(ejtui_probe, [Old]).

kept() -> 600000.
