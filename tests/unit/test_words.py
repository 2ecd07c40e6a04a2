"""Plain technical English, one word for one meaning: in docstrings, comments, strings and names.

The glossary is in .github/CONTRIBUTING.md. A word that is banned there fails here, with its place.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# One word is a key, an id or a name of a program: code, not text.
CODE = re.compile(r"[rRbB]*([\"'])[\w-]+\1")
# Up to Python 3.11 an f-string is one token, with the code in it.
F_STRING = re.compile(r"[rR]?[fF][rR]?[\"']")
QUOTED = re.compile(r"`[^`\n]*`")
FIELD = re.compile(r"\{[^{}\n]*\}")

INNER = ("ejtui", "tests", "tests/lab", "tests/unit")
ROOMS = sorted(
    room
    for folder in INNER
    for each in (ROOT / folder).iterdir()
    if each.is_dir() or each.suffix == ".py"
    if each.name not in ("__pycache__", Path(__file__).name)
    if (room := str(each.relative_to(ROOT))) not in INNER
)

# Regular expressions, each with what to write in its place.
WORDS = {
    r"shall": "must, will",
    r"anew": "again",
    r"who(?:so)?ever": "the user, the program that …",
    r"lest": "so that … does not",
    r"told|tells?|telling": "report, show, know, distinguish",
    r"by (?:itself|themselves)": "automatically",
    r"of (?:its|their) own(?! (?!(?:in|on|to|at|for|from|with|when|and|or|first|before)\b)\w)": (
        "separate, its own …"
    ),
    r"under way|at hand": "running, current",
    r"mend\w*|heal(?:s|ed)?": "repair",
    r"begun": "started",
    r"for want of": "without",
    r"befall\w*": "happen to",
    r"virtual machines?": "VM, Erlang node",
    r"machines?": "host (a computer), VM (of Erlang), this computer (ejtui's)",
    r"(?:is|are|was|were|be|been|being) become": "how to become root",
    r"says?|said|saying": "report, reply, show, log",
    r"(?:puts?(?: it| them)?|brings?|brought) back|stands? aside": "roll back, restore; wait",
    r"what came of": "the result of",
}
BANNED = {re.compile(rf"\b(?:{word})\b", re.IGNORECASE): better for word, better in WORDS.items()}

# Where a banned word is another program's, or data: by file.
ALLOWED: dict[str, frozenset[str]] = {
    # The network interface and the key in the lab's state.
    "ejtui/lab/forms/links.py": frozenset({"machine"}),
    # A slice of systemd.
    "tests/unit/cluster/test_restarter.py": frozenset({"machine"}),
    # An event of the journal.
    "tests/unit/ui/test_told.py": frozenset({"said"}),
    # What a person does.
    "tests/unit/test_help.py": frozenset({"bring back"}),
}


def texts(source: str) -> Iterator[tuple[int, str]]:
    """The lines of every comment, docstring and string literal, with their numbers."""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        kind = tokenize.tok_name[token.type]
        if kind in ("COMMENT", "STRING", "FSTRING_MIDDLE") and not CODE.fullmatch(token.string):
            text = FIELD.sub("{}", token.string) if F_STRING.match(token.string) else token.string
            for offset, line in enumerate(QUOTED.sub("``", text).splitlines()):
                yield token.start[0] + offset, line


def banned_in(
    lines: Iterable[tuple[int, str]], allowed: frozenset[str] = frozenset()
) -> Iterator[str]:
    """Each banned word in numbered lines, with its line and what to write in its place."""
    for number, line in lines:
        for pattern, better in BANNED.items():
            for match in pattern.finditer(line):
                if match.group().lower() not in allowed:
                    yield f"{number}: {match.group()!r}; better: {better}"


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_is_in_plain_english(room: str) -> None:
    place = ROOT / room
    files = sorted(place.rglob("*.py")) if place.is_dir() else [place]
    files = [file for file in files if file != Path(__file__)]
    assert files
    found = [
        f"{name}:{each}"
        for file in files
        for name in [str(file.relative_to(ROOT))]
        for each in banned_in(texts(file.read_text()), ALLOWED.get(name, frozenset()))
    ]
    assert found == []


def test_comments_docstrings_and_strings_are_read() -> None:
    source = '"""It is told."""\n# Begun anew\nx = f"shall {told} {y!r} at hand"\nmend = 1\n'
    lines = [each.split(";")[0] for each in banned_in(texts(source))]
    assert sorted(lines) == [
        "1: 'told'",
        "2: 'Begun'",
        "2: 'anew'",
        "3: 'at hand'",
        "3: 'shall'",
    ]


# In public names. Stored values and keys are no names.
BANNED_NAMES = r"told|tells?|teller|begun|mend\w*|heal(?:s|ed)?|anew|whoever|lest|shall|said|says"
NAMES = re.compile(rf"(?:^|_)(?:{BANNED_NAMES})(?:_|$)")


def public_names(source: str) -> Iterator[tuple[int, str]]:
    """Every function, class and field of a class without a leading underscore, with its line."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        names = [node.name]
        if isinstance(node, ast.ClassDef):
            fields = (each.target for each in node.body if isinstance(each, ast.AnnAssign))
            names += [field.id for field in fields if isinstance(field, ast.Name)]
        for name in names:
            if not name.startswith("_"):
                yield node.lineno, name


def banned_names(source: str) -> list[str]:
    """The public names in which a banned word stands, with their lines."""
    return [
        f"{number}: {name}"
        for number, name in public_names(source)
        if NAMES.search(re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower())
    ]


def test_public_names_are_in_plain_english() -> None:
    found = {
        str(file.relative_to(ROOT)): names
        for file in sorted((ROOT / "ejtui").rglob("*.py"))
        if (names := banned_names(file.read_text()))
    }
    assert found == {}


def test_functions_classes_and_fields_are_read() -> None:
    source = (
        "class StepSaid:\n    told: str\n    health: str\ndef mended(): ...\ndef _said(): ...\n"
    )
    assert banned_names(source) == ["1: StepSaid", "1: told", "4: mended"]
