"""The broken lines: every small change of a module that should turn a test red."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_OTHER: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Lt: ast.GtE, ast.GtE: ast.Lt,
    ast.Gt: ast.LtE, ast.LtE: ast.Gt,
}  # fmt: skip


@dataclass(frozen=True)
class Broken:
    """One module with one thing changed: its lines, what was changed, and the source then."""

    file: Path
    line: int
    last: int
    what: str
    source: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.what}"


def broken_lines(file: Path, text: str) -> list[Broken]:
    """Every change of a module, in the order of its lines. Pure."""
    tree = ast.parse(text)
    found = []
    for at, node in enumerate(ast.walk(tree)):
        for number, what in enumerate(_changes(node)):
            changed = copy.deepcopy(tree)
            target = list(ast.walk(changed))[at]
            _apply(changed, target, number)
            shown = f"{what}: {_first_line(node)}"
            source = ast.unparse(ast.fix_missing_locations(changed))
            found.append(Broken(file, *_where(node), shown, source))
    return sorted(found, key=lambda each: (each.line, each.what))


def _where(node: ast.AST) -> tuple[int, int]:
    """The first and the last line; of a block those of its condition."""
    first: int = getattr(node, "lineno", 0)
    end = node.test if isinstance(node, ast.If | ast.While) else node
    return first, getattr(end, "end_lineno", None) or first


def _first_line(node: ast.AST) -> str:
    return ast.unparse(node).partition("\n")[0][:90]


def _changes(node: ast.AST) -> Iterator[str]:
    """What can be changed in this node, in the order that _apply() knows."""
    match node:
        case ast.If(test=ast.Name(id="TYPE_CHECKING")):
            return
        case ast.If() | ast.While() | ast.IfExp():
            yield "negate the condition"
        case ast.Compare(ops=[operator]) if type(operator) in _OTHER:
            yield "turn the comparison round"
        case ast.BoolOp():
            yield "swap and/or"
        case ast.Raise():
            yield "drop the raise"
        case ast.Expr(value=ast.Call() | ast.Await()):
            yield "delete the statement"
        case ast.AugAssign():
            yield "delete the statement"
        case ast.Return(value=ast.Constant(value=bool())):
            yield "return the opposite"


def _apply(tree: ast.AST, node: ast.AST, number: int) -> None:
    del number  # each kind of node has one change
    match node:
        case ast.If() | ast.While() | ast.IfExp():
            node.test = ast.UnaryOp(ast.Not(), node.test)
        case ast.Compare():
            node.ops = [_OTHER[type(node.ops[0])]()]
        case ast.BoolOp():
            node.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        case ast.Return(value=ast.Constant(value=bool(value))):
            node.value = ast.Constant(not value)
        case ast.stmt():
            _replace(tree, node, ast.Pass())


def _replace(tree: ast.AST, old: ast.stmt, new: ast.stmt) -> None:
    for parent in ast.walk(tree):
        for field in ("body", "orelse", "finalbody"):
            block = getattr(parent, field, None)
            if isinstance(block, list) and old in block:
                block[block.index(old)] = new
