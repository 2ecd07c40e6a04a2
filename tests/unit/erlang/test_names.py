import pytest

from ejtui.erlang.terms.names import BadNodeName, NodeName


@pytest.mark.parametrize(
    ("text", "style", "flag"),
    [
        ("ejabberd@first", "short", "-sname"),
        ("ejabberd@localhost", "short", "-sname"),
        ("e-j_2@chat.example.net", "long", "-name"),
        ("ejabberd@10.0.0.1", "long", "-name"),
        ("ejabberd@fe80::1", "long", "-name"),
    ],
)
def test_a_node_name_tells_its_style(text: str, style: str, flag: str) -> None:
    name = NodeName.parse(text)
    assert (name.style, name.flag, str(name)) == (style, flag, text)


@pytest.mark.parametrize(
    "text",
    [
        *("", "ejabberd", "@first", "ejabberd@", "a@b@c", "a b@c", "a@b c"),
        *("a'@b", "a@b;reboot", "a@b\n", "ü@host", "a@" + "b" * 300),
    ],
)
def test_what_no_node_can_be_called_is_refused(text: str) -> None:
    with pytest.raises(BadNodeName, match="no Erlang node name"):
        NodeName.parse(text)
