"""Text from elsewhere, made fit to print: nothing of it can act on the operator's terminal."""

from __future__ import annotations


def clean(text: str, *, lines: bool = False) -> str:
    """`text` with every character that does not print shown as its escape (`\\x1b`).

    Control characters, direction marks, lone surrogates and line separators are such. A tab
    becomes a space. With `lines`, line feeds stay (and CR LF becomes one), else they too are shown.
    """
    if text.isprintable():
        return text
    if lines:
        return "\n".join(clean(line) for line in text.replace("\r\n", "\n").split("\n"))
    return "".join(map(_shown, text))


def _shown(character: str) -> str:
    if character == "\t":
        return " "
    if character.isprintable():
        return character
    return character.encode("unicode_escape", "surrogatepass").decode("ascii")
