"""Hostile bytes, drawn from a seeded generator: the same seed draws the same again."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

SEQUENCES = (
    # Titles, the clipboard written and read, and a name for tmux's window.
    b"\x1b]0;owned\x07", b"\x1b]2;owned\x1b\\", b"\x1bkowned\x1b\\", b"\x1b]l owned\x1b\\",
    b"\x1b]52;c;b3duZWQ=\x07", b"\x1b]52;;b3duZWQ=\x1b\\", b"\x1b]52;c;?\x07", b"\x9d0;owned\x9c",
    b"\x1b[22;0t", b"\x1b[23;0t", b"\x1b[21t", b"\x1b[20t", b"\x1b[8;5;5t", b"\x1b[3;1;1t",
    # Questions that a terminal answers.
    b"\x05", b"\x1b[c", b"\x1b[>c", b"\x1b[=c", b"\x1b[5n", b"\x1b[6n", b"\x1b[?6n", b"\x1b[?15n",
    b"\x1bP$qm\x1b\\", b"\x1bP+q544e\x1b\\", b"\x1b]4;1;?\x07", b"\x1b]10;?\x07", b"\x1b[x",
    b"\x1b[?u", b"\x1b[?1$p", b"\x1b[>q", b"\x1bZ", b"\x1b[?996n", b"\x1b]99;i=1:p=?;\x1b\\",
    # Through tmux to the terminal around it; links, pictures, notifications, printers.
    b"\x1bPtmux;\x1b\x1b]0;owned\x07\x1b\\", b"\x1bPtmux;\x1b\x1b]52;c;b3duZWQ=\x07\x1b\\",
    b"\x1b]8;;file:///etc/passwd\x07x\x1b]8;;\x07", b"\x1bPq#0;2;0;0;0#0~~$-\x1b\\",
    b"\x1b]9;owned\x07", b"\x1b]777;notify;a;b\x07", b"\x1b]1337;SetMark\x07", b"\x1b[5i",
    b"\x1b_Ga=T,f=24,s=1,v=1;AAAA\x1b\\", b"\x1b^owned\x1b\\", b"\x1bXowned\x1b\\",
    # Modes that change what keys and the mouse send, screens, margins, sizes, character sets.
    b"\x1b[?1049h", b"\x1b[?1049l", b"\x1b[?1000h", b"\x1b[?1003h\x1b[?1006h", b"\x1b[?1004h",
    b"\x1b[?2004h", b"\x1b[?2004l", b"\x1b[201~", b"\x1b[?1h", b"\x1b=", b"\x1b>", b"\x1b[?2026h",
    b"\x1b[?25l", b"\x1b[2;3r", b"\x1b[?6h", b"\x1b[4h", b"\x1b[?5h", b"\x1b[?3h", b"\x1b[>4;2m",
    b"\x1b(0", b"\x1b)B", b"\x0e", b"\x0f", b"\x1b%G", b"\x1bc", b"\x1b[!p", b"\x1b#8", b"\x1bD",
    b"\x1bM", b"\x1b7", b"\x1b8", b"\x1b[s", b"\x1b[u", b"\x07", b"\x08", b"\x7f", b"\x00", b"\x18",
    # Movement, erasing, colours, repeats, with small, large and no parameters.
    b"\x1b[H", b"\x1b[999;999H", b"\x1b[2J", b"\x1b[3J", b"\x1b[J", b"\x1b[1K", b"\x1b[99L",
    b"\x1b[99M", b"\x1b[9@", b"\x1b[9P", b"\x1b[9X", b"\x1b[9S", b"\x1b[9T", b"\x1b[99b", b"\x1b[g",
    b"\x1b[38;2;1;2;3m", b"\x1b[48;5;300m", b"\x1b[;1;4m", b"\x1b[58:2::1:2:3m", b"\x1b[m",
    b"\x1b[99999999999999999999A", b"\x1b[-1B", b"\x1b[1;2;3;4;5;6;7;8;9;10;11;12;13;14;15;16;17m",
    # Text that is wide, none wide, right to left, broken, or C1 in UTF-8.
    "世界".encode(), "\u202eltr\u2028".encode(), "e\u0301\u200d\ufe0f".encode(), b"\xff\xfe\xc3",
    "\u009d0;owned\u009c".encode(), "👩‍👩‍👧".encode(), b"\r\n", b"\t", b"line of text",
)  # fmt: skip
"""What a terminal obeys, answers, or stumbles over."""

WORDS = (
    b"", b" ", b"\0", b"'", b'"', b"\\", b"`id`", b"$(id)", b"; id", b"\n", b"\r", b"\t", b"..",
    b"/", b"-rf", b"*", b"~", b"%s", b"%n", b"{}", b"[", b"]", b"=", b"#", b"0", b"-1", b"65536",
    b"nan", b"inf", b"1e999", b"true", b"99999999999999999999", b"\xff", b"\xc3\x28",
    b"\xed\xa0\x80", "é世\u202e\u2028\u0000".encode(), b"ejabberd@first", b"a@b@c",
    b"x" * 5000, *SEQUENCES[:12],
)  # fmt: skip
"""What a value must not be believed to be free of."""


def mutated(random: Random, data: bytes, words: tuple[bytes, ...] = WORDS) -> bytes:
    """The data with a few changes: bits, bytes, pieces cut, doubled, swapped, words put in."""
    made = bytearray(data)
    for _ in range(random.choice((0, 1, 1, 2, 3, 8))):
        _change(random, made, words)
    return bytes(made)


def _change(random: Random, made: bytearray, words: tuple[bytes, ...]) -> None:
    begin = random.randint(0, len(made))
    end = min(len(made), begin + random.choice((1, 2, 8, 64)))
    piece = bytes(made[begin:end])
    changes: tuple[Callable[[], bytes], ...] = (
        lambda: random.choice(words) + piece,
        lambda: random.choice(words),
        lambda: random.randbytes(len(piece)),
        lambda: piece + piece,
        lambda: b"",
        lambda: bytes(each ^ (1 << random.randrange(8)) for each in piece),
    )
    made[begin:end] = random.choice(changes)()


def stream(random: Random) -> bytes:
    """What a program may print: sequences of all kinds, whole, torn and changed, and text."""
    pieces = []
    for _ in range(random.randint(1, 30)):
        piece = random.choice(SEQUENCES)
        match random.randrange(8):
            case 0:
                piece = mutated(random, piece, SEQUENCES)
            case 1:
                piece = piece[: random.randint(0, len(piece))]
            case 2:
                piece = random.randbytes(random.randint(0, 20))
        pieces.append(piece)
    return b"".join(pieces)


def file_name(random: Random) -> bytes:
    """A name that a file can have."""
    raw = b"".join(random.choice((*WORDS, *SEQUENCES)) for _ in range(random.randint(1, 4)))
    name = raw.replace(b"/", b"").replace(b"\0", b"")[:200] + random.choice(
        (b".DCD", b".DAT", b".LOG", b"", b".TMP")
    )
    return name if name not in (b"", b".", b"..") else b"x"
