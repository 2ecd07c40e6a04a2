"""What ejabberd's own YAML library takes of many texts, made by chance, and what ejtui does."""

from __future__ import annotations

import base64
import random
import re
import subprocess
from pathlib import Path

from ejtui.cluster.administration.document import BadFile, Document, Value

PIECES = (
    *("a", "b", "k: ", "x: ", "- ", " ", "  ", "\t", "\n", "\n  ", "\n    ", "\n\t", "\r\n"),
    *("'", '"', "|\n  ", ">\n  ", ">-\n  ", "[", "]", "{", "}", ", ", " #", "&n ", "*n "),
    *("\x85", "\u2028", "\u2029", "@A@", "\\", "\\t", "\x07", "\x7f", "ä"),
)
WHOLE = (
    *("v", "'v w'", '"v\tw"', "|\n  v\tw\n  \tx", "|\n  v\n   w", ">\n  v\n  w", ">-\n  v\n\n  w"),
    *("[v,\tw]", "[\n\tv ]", "{v: w,\tx: y}", "\tv", "v\tw", "v\n \tw", "*n", "&n v", "\n  - v"),
    *("\n  - &n v\n  - *n", "\n  x: &n\n    y: z\n  z: *n", "\n  x:\n    <<: *n", '"v\u2028w"'),
    *("v\u0085", "'v\n\n  w'", "v\n  w", '"\\u2028"', '"\\ud83d"', "# v", "\t# v", "v # w"),
    *("[]", "{}", "", "[v, [w]]", "[{v: w}]", "\n- v\n- w", "'it''s'", '"a\\\n  b"', "v: w"),
)
ENDS = ("\n", "\t\n", " \n", "\r\n", "\n\n", "\n# v\n", "\u2028", "\x85", "\n\t\n")
BLANKS = (" ", "  ", "\t")

PROGRAM = """
Hex = fun(Bytes) -> [io_lib:format("~2.16.0b", [Each]) || <<Each>> <= Bytes] end,
Show = fun Show([]) -> "()";
           Show([{_, _} | _] = Map) -> ["{", [[Show(K), "=", Show(V), ","] || {K, V} <- Map], "}"];
           Show(List) when is_list(List) -> ["[", [[Show(V), ","] || V <- List], "]"];
           Show(Atom) when is_atom(Atom) -> Hex(atom_to_binary(Atom, latin1));
           Show(Text) when is_binary(Text) -> Hex(Text);
           Show(Number) -> Hex(iolist_to_binary(io_lib:format("~p", [Number])))
       end,
{ok, All} = file:read_file(hd(init:get_plain_arguments())),
[io:format("~s~n", [case catch fast_yaml:decode(base64:decode(Line), [plain_as_atom]) of
     {ok, []} -> "()";
     {ok, [Read]} -> Show(Read);
     _ -> "refused"
 end]) || Line <- binary:split(All, <<"\\n">>, [global, trim_all])],
halt(0).
"""

REFUSED_ALONE = (
    "within a text there",
    "has a separator of lines",
    "twice",
    "is a word there",
    "`name: value`",
    "expected ' '",
    "more indented follow up",
)
"""What ejtui refuses though the library takes it: separators of lines (U+2028) outside of quotes,
within a text or where YAML has the end of a line, two values of one name (ejabberd refuses them
later), a tab after a tag, a file without options, a text whose first lines are blank and indented
less than the others."""

TAKEN_ALONE = re.compile(r"[|>]-?\r?\n *\t")
"""What ejtui takes, and the library not always: a tab as the first of a text in indented lines."""


def made(count: int) -> list[str]:
    chance = random.Random(20)  # noqa: S311 - the same ones every time
    texts = []
    for _ in range(count):
        options = [
            f"{name}:{chance.choice(BLANKS)}{chance.choice(WHOLE)}{chance.choice(ENDS)}"
            for name in chance.sample(("one", "two", "three"), chance.randint(1, 3))
        ]
        texts.append("".join(options))
        texts.append("k: " + "".join(chance.choices(PIECES, k=chance.randint(1, 9))) + "\n")
    return texts


def shown(value: Value) -> str:
    if isinstance(value, dict):
        inner = "".join(f"{shown(key)}={shown(each)}," for key, each in value.items())
        return f"{{{inner}}}" if value else "()"
    if isinstance(value, tuple):
        return f"[{''.join(f'{shown(each)},' for each in value)}]" if value else "()"
    return value.text.encode().hex()


def ours(text: str) -> tuple[str, str]:
    try:
        return shown(Document("ejabberd.yml", text).values), ""
    except BadFile as error:
        return "refused", str(error)


def test_it_takes_what_ejabberds_library_takes_and_reads_the_same(tmp_path: Path) -> None:
    texts = made(1500)
    file = tmp_path / "texts"
    file.write_text("\n".join(base64.b64encode(each.encode()).decode() for each in texts))
    argv = ["erl", "-noinput", "-eval", PROGRAM, "-extra", str(file)]
    ran = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=True)
    answers = ran.stdout.splitlines()
    assert len(answers) == len(texts), ran.stdout[-500:] + ran.stderr[-500:]
    assert answers.count("refused") < len(texts) * 0.6, "most of them are YAML"
    wrong = [
        (text, theirs, mine)
        for text, theirs in zip(texts, answers, strict=True)
        for mine in [ours(text)]
        if mine[0] != theirs
        and not any(each in mine[1] for each in REFUSED_ALONE)
        and not TAKEN_ALONE.search(text)
    ]
    assert wrong == []
