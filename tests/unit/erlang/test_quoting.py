import pytest

from ejtui.erlang.terms import quoting
from ejtui.erlang.terms.etf import Atom


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("schema", "schema"),
        ("ejabberd@first", "ejabberd@first"),
        ("ejabberd@first.example.net", "'ejabberd@first.example.net'"),
        ("end", "'end'"),
        ("maybe", "'maybe'"),
        ("", "''"),
        ("It's", r"'It\'s'"),
        ("a\nb\\", r"'a\x{A}b\\'"),
        ("é☃", r"'\x{E9}\x{2603}'"),
    ],
)
def test_an_atom_is_quoted_where_it_must_be(text: str, quoted: str) -> None:
    assert quoting.atom(text) == quoted


def test_what_no_atom_can_hold_is_refused() -> None:
    with pytest.raises(ValueError, match="255"):
        quoting.atom("x" * 256)
    with pytest.raises(ValueError, match="surrogate"):
        quoting.atom("\ud800")


def test_a_term_is_one_line_of_printable_ascii() -> None:
    value: list[object] = [
        Atom("a b"),
        'ü"\n',
        b"\x00\xff",
        (1, -2.5, 1e22),
        None,
        True,
        {Atom("k"): []},
    ]
    text = quoting.term(value)
    assert text == (
        r"""['a b', <<"\x{C3}\x{BC}\"\x{A}">>, <<"\x{0}\x{FF}">>, {1, -2.5, 1.0e+22}, """
        r"undefined, true, #{k => []}]"
    )


@pytest.mark.parametrize(("value", "error"), [(float("inf"), ValueError), (object(), TypeError)])
def test_what_erlang_has_not_is_refused(value: object, error: type[Exception]) -> None:
    with pytest.raises(error):
        quoting.term(value)
