"""The beginning of an Erlang program that compiles what comes by standard input."""

from __future__ import annotations

CALL_AND_FORM = """
Node = list_to_atom(Name),
Call = fun(M, F, A) -> rpc:call(Node, M, F, A, infinity) end,
Form = fun Form(Line, Forms) ->
    case io:parse_erl_form(standard_io, "", Line) of
        {ok, Read, Next} -> Form(Next, [Read | Forms]);
        _ -> lists:reverse(Forms)
    end
end,
"""
"""`Call` runs in the node that `Name` names; `Form(1, [])` is the module that was read."""
