"""Finds what the modules of a package declare, so that a new file needs no entry elsewhere."""

from __future__ import annotations

import pkgutil
from importlib import import_module
from types import ModuleType


def modules(package: str) -> list[ModuleType]:
    """Every module directly in a package (not in its sub-packages), imported, in order of name."""
    found = pkgutil.iter_modules(import_module(package).__path__)
    names = sorted(each.name for each in found if not each.ispkg)
    return [import_module(f"{package}.{name}") for name in names]


def modules_below(package: str) -> list[ModuleType]:
    """Every module of a package and of its sub-packages, imported, in order of name."""
    found = pkgutil.walk_packages(import_module(package).__path__, f"{package}.")
    names = sorted(each.name for each in found if not each.ispkg)
    return [import_module(name) for name in sorted(names, key=lambda name: name.rpartition(".")[2])]
