"""The metadata of the package in pyproject.toml:

complete, and each dependency used and explained.
"""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from importlib import metadata
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "pyproject.toml").read_text()
PROJECT: dict[str, Any] = tomllib.loads(TEXT)["project"]

# Where a package is not imported by its own name.
_MODULES = {"erlang-py": "erlang", "ruamel.yaml": "ruamel", "tomli-w": "tomli_w"}

# What mypy brings, imported for it alone.
_TYPES_ALONE = {"typing_extensions"}


def _name(requirement: str) -> str:
    found = re.match(r"[\w.-]+", requirement)
    assert found
    return found[0]


def _imported() -> set[str]:
    """The top of everything that the package imports from elsewhere."""
    found = set()
    for file in (ROOT / "ejtui").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.partition(".")[0])
    return found - set(sys.stdlib_module_names) - {"ejtui"} - _TYPES_ALONE


def test_each_dependency_is_imported_and_nothing_else_is() -> None:
    names = map(_name, PROJECT["dependencies"])
    assert {_MODULES.get(name, name) for name in names} == _imported()


def test_each_dependency_says_why_it_is_there_and_ends_before_the_next_major_release() -> None:
    lines = TEXT.splitlines()
    for requirement in PROJECT["dependencies"]:
        [at] = [n for n, line in enumerate(lines) if f'"{requirement}"' in line]
        assert lines[at - 1].strip().startswith("#"), requirement
        assert re.search(r">=[\d.]+,<[\d.]+$", requirement), requirement


def test_the_metadata_is_complete() -> None:
    for field in ("description", "readme", "keywords", "classifiers", "urls", "authors"):
        assert PROJECT[field], field
    assert PROJECT["license"] == "MIT"
    assert all((ROOT / file).is_file() for file in [PROJECT["readme"], *PROJECT["license-files"]])
    assert metadata.version("ejtui")


def test_the_pythons_of_the_classifiers_are_tested() -> None:
    workflow = (ROOT / ".github" / "workflows" / "tests.yml").read_text()
    [tested] = re.findall(r"python: \[(.*)\]", workflow)
    found = re.findall(r"Python :: (3\.\d+)", "\n".join(PROJECT["classifiers"]))
    assert re.findall(r"3\.\d+", tested) == found
    assert found[0] == PROJECT["requires-python"].removeprefix(">=")
