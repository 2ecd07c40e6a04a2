"""Comments inside of what gets another value stay, in every shape; other lines are as they were."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ejtui.cluster.administration.comments import comment_spans
from ejtui.cluster.administration.document import Document, Scalar, Value
from ejtui.cluster.administration.edits import Edit, edited

MAIN = "/etc/ejabberd/ejabberd.yml"


def value_of(text: str) -> Value:
    return Document(MAIN, f"x: {text}\n").values[Scalar("x")]


def comments_in(text: str) -> list[str]:
    return sorted(text[start:end].strip() for start, end in comment_spans(Document(MAIN, text)))


SHAPES = {
    "block list, at the ends of lines": (
        "a:   # all\n  - one # 1\n  - two # 2\n  - three # 3\nb: 1\n",
        "[one, other, three]",
        "a:   # all\n  - one # 1\n  - other # 2\n  - three # 3\nb: 1\n",
    ),
    "block list, between items": (
        "a:\n  # above\n  - one\n  # between\n  - two\n  # after\nb: 1\n",
        "[one, three]",
        "a:\n  # above\n  - one\n  # between\n  - three\n  # after\nb: 1\n",
    ),
    "block list, an item goes": (
        "a:\n- one\n# of two\n- two\n- three\nb: 1\n",
        "[one, three]",
        "a:\n- one\n# of two\n- three\nb: 1\n",
    ),
    "block list, an item comes first": (
        'a:\n    # above\n    - "one"\nb: 1\n',
        "[zero, one]",
        'a:\n    - zero\n    # above\n    - "one"\nb: 1\n',
    ),
    "rules in a list": (
        "a:\n  - allow: # who\n      # first\n      acl: one # 1\n  - deny: all # rest\nb: 1\n",
        "[{allow: {acl: two}}, {deny: all}]",
        "a:\n  - allow: # who\n      # first\n      acl: two # 1\n  - deny: all # rest\nb: 1\n",
    ),
    "flow list on one line": (
        "a: [one, two] # all\nb: 1\n",
        "[one, three]",
        "a: # all\n  - one\n  - three\nb: 1\n",
    ),
    "flow list on several lines": (
        "a: [ # all\n  one, # 1\n  # between\n  two # 2\n  # last\n] # end\nb: 1\n",
        "[one, three]",
        "a: # all\n  - one # 1\n  # between\n  - three # 2\n  # last\n# end\nb: 1\n",
    ),
    "flow mapping on several lines": (
        "a: {\n  one: 1, # 1\n  # between\n  two: 2 # 2\n}\nb: 1\n",
        "{one: 1, two: 3}",
        "a:\n  one: 1 # 1\n  # between\n  two: 3 # 2\nb: 1\n",
    ),
    "a mapping becomes a word": (
        "a: # all\n  # of one\n  one: 1 # 1\nb: 1\n",
        "all",
        "a: all # all\n  # of one\n# 1\nb: 1\n",
    ),
    "a word becomes a list": ("a: one   # all\nb: 1\n", "[two]", "a:   # all\n  - two\nb: 1\n"),
    "a mapping that has nothing any more": (
        "a:   # every minute\n  one: 1\nb: 1\n",
        "{}",
        "a: {}   # every minute\nb: 1\n",
    ),
    "a text in lines": (
        "a: | # all\n  # text\n  more\n# after\nb: 1\n",
        "word",
        "a: word # all\n# after\nb: 1\n",
    ),
    "a word becomes a text in lines": (
        "a: # all\n  - one # 1\nb: 1\n",
        '"one\\ntwo\\n"',
        None,
    ),
    "windows' ends of lines": (
        "a:\r\n  # above\r\n  - one # 1\r\n  - two\r\nb: 1\r\n",
        "[three, two]",
        "a:\r\n  # above\r\n  - three # 1\r\n  - two\r\nb: 1\r\n",
    ),
}


@pytest.mark.parametrize("name", SHAPES)
def test_comments_stay(name: str) -> None:
    text, value, expected = SHAPES[name]
    new = edited(MAIN, text, [Edit(("a",), value_of(value))])
    assert comments_in(new) == comments_in(text)
    assert expected is None or new == expected


def test_comments_of_what_is_taken_out_stay_where_they_have_lines_of_their_own() -> None:
    text = "a:\n  one: 1\n  two: # 2\n    # of two\n    x: 1 # x\n  # after\n"
    text += "b: |\n  text\nc:\n  # of c\n  - 1\n"
    new = edited(MAIN, text, [Edit(("a", "two"))])
    assert new == text.replace("  two: # 2\n", "").replace("    x: 1 # x\n", "")
    new = edited(MAIN, text, [Edit(("a", "two")), Edit(("c",)), Edit(("a", "one"), Scalar("2"))])
    assert "    # of two\n" in new
    assert new.endswith("b: |\n  text\n# of c\n")


_COMMENT = st.sampled_from(["", "", " # end", "   # 'quoted' \"and: more"])
_ALONE = st.sampled_from(["", "", "", "  # alone\n", "# at the left\n", "\n", "      # far in\n"])
_WORD = st.sampled_from(["one", "two", "'three four'", '"five: 5"', "6", "{}", "[]"])
_LINES = st.lists(st.tuples(_ALONE, _WORD, _COMMENT), min_size=1, max_size=4)


def _text(style: str, lines: list[tuple[str, str, str]]) -> str:
    names = [f"n{number}" for number in range(len(lines))]
    shapes = {
        "list": [f"  - {word}" for _, word, _ in lines],
        "mapping": [f"  {name}: {word}" for name, (_, word, _) in zip(names, lines, strict=True)],
        "rules": [f"  - allow:\n      x: {word}" for _, word, _ in lines],
        "in brackets": [f"  {word}," for _, word, _ in lines],
        "in braces": [
            f"  {name}: {word}," for name, (_, word, _) in zip(names, lines, strict=True)
        ],
    }
    inner = "".join(
        f"{alone}{line}{end}\n" for line, (alone, _, end) in zip(shapes[style], lines, strict=True)
    )
    begin, stop = {"in brackets": (" [", "]\n"), "in braces": (" {", "}\n")}.get(style, ("", ""))
    return f"first: |\n  text\na:{begin} # of a\n{inner}{stop}# after\nlast: 1 # last\n"


_STYLES = st.sampled_from(["list", "mapping", "rules", "in brackets", "in braces"])


@settings(max_examples=80, deadline=None)
@given(_STYLES, _LINES, _STYLES, _LINES)
def test_every_comment_stays_whatever_replaces_what(
    style: str,
    lines: list[tuple[str, str, str]],
    other: str,
    others: list[tuple[str, str, str]],
) -> None:
    text = _text(style, lines)
    value = Document(MAIN, _text(other, others)).values[Scalar("a")]
    new = edited(MAIN, text, [Edit(("a",), value)])
    alone = [line.strip() for line in text.splitlines() if line.strip().startswith("#")]
    assert set(alone) <= {line.strip() for line in new.splitlines()}
    if not (style in ("list", "rules") and other in ("list", "rules", "in brackets")):
        assert comments_in(new) == comments_in(text)
    assert new.startswith("first: |\n  text\na:")
    assert new.endswith("# after\nlast: 1 # last\n")
