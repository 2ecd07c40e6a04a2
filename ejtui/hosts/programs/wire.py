"""How an argv crosses any login shell and arrives byte for byte.

A login shell may be anything: sh, bash, zsh, mksh, csh, tcsh, fish. The only line that means the
same to all of them is one of plain words and simple single-quoted ones, so every argument is
written that way, with each troublesome byte as an octal escape, and a constant script for
/bin/sh puts them together again. Words stay short because the classic csh has a limit of 1024
bytes a word.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence

from ejtui import scripts

_WORD = 900
_PLAIN = re.compile(rb"[A-Za-z0-9_./:=@,+-]*")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_QUOTABLE = frozenset(range(0x20, 0x7F)) - frozenset(b"'\\!")

WIDER_PATH = scripts.shell_line(__file__, "wider_path.sh") + " "
_DECODE = WIDER_PATH + scripts.shell_line(__file__, "decode.sh")
_PLACE = scripts.shell_line(__file__, "place.sh")


def login_line(argv: Sequence[str]) -> str:
    """Return the line that makes any login shell run exactly `argv`; it is plain ASCII."""
    words = [word for arg in argv for word in _words(os.fsencode(arg))]
    return " ".join(["exec /bin/sh -c", f"'{_DECODE}'", "ejtui", *words])


def _words(arg: bytes) -> Iterator[str]:
    if len(arg) < _WORD and _PLAIN.fullmatch(arg):
        yield "p" + arg.decode("ascii")
        return
    word = ""
    for byte in arg:
        piece = chr(byte) if byte in _QUOTABLE else f"\\0{byte:03o}"
        if len(word) + len(piece) > _WORD:
            yield f"'E{word}'"
            word = ""
        word += piece
    yield f"'e{word}'"


def launcher(
    argv: Sequence[str],
    *,
    token: str,
    become: str | None,
    env: Mapping[str, str],
    cwd: str | None,
    terminal: bool,
) -> list[str]:
    """Return the argv that, run as the right user, reports that it started and becomes `argv`.

    The marker is put together by printf, so that a shell that echoes its commands does not
    print it. `become` is the user it runs as (a checked name), or None.
    """
    mark = f"printf 'ejtui-%s-%s;' {token} $$"
    script = mark + "; " if terminal else f"{mark}; {mark} >&2; "
    script += WIDER_PATH
    if become is not None:
        script += f"HOME=~{become}; USER={become}; LOGNAME={become}; export HOME USER LOGNAME; "
        cwd = cwd or "/"  # the login user's directory may be closed to this user
    assignments = [f"{name}={value}" for name, value in env.items()]
    return ["/bin/sh", "-c", script + _PLACE, "ejtui", cwd or "", *assignments, "--", *argv]


def mistake(argv: Sequence[str], env: Mapping[str, str], cwd: str | None) -> str | None:
    """Return why this can be given to no program at all, or None when it can."""
    if not argv or not argv[0] or argv[0].startswith("-"):
        return "a command needs a program's name first"
    if any("\0" in text for text in [*argv, *env.values(), cwd or ""]):
        return "a NUL byte can be given to no program"
    wrong = [name for name in env if not _NAME.fullmatch(name)]
    return f"{wrong[0]!r} is no name for an environment variable" if wrong else None
