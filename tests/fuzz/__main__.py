"""A bounded fuzz of everything that comes from elsewhere: python -m tests.fuzz --seconds 60.

What breaks is named with its input, and the command that makes it again; the exit code is 1 then.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass

from tests.fuzz.screens import RealTerminal, Screen
from tests.fuzz.spool import Spool
from tests.fuzz.target import Target
from tests.fuzz.values import Answers, Configuration, Ejabberdctl, JsonOut

TARGETS: tuple[Callable[[], Target], ...] = (
    Configuration, Answers, Ejabberdctl, Screen, RealTerminal, Spool, JsonOut,
)  # fmt: skip


@dataclass
class Outcome:
    """How a target has fared: inputs put in, and what broke it."""

    name: str
    inputs: int = 0
    canary: str = ""
    broken: str = ""


def generator(seed: int, name: str, number: int) -> random.Random:
    """The generator of one input, the same again for the same three."""
    return random.Random(f"{seed} {name} {number}")  # noqa: S311 - the same each time


async def run(target: Target, seed: int, seconds: float, only: int | None, most: int) -> Outcome:
    """Put inputs in until the time is over, `most` are in, or one breaks it."""
    outcome = Outcome(target.name)
    numbers = range(most) if only is None else range(only, only + 1)
    async with target:
        end = time.monotonic() + seconds
        for number in numbers:
            if only is None and time.monotonic() > end:
                break
            data = target.make(generator(seed, target.name, number))
            try:
                outcome.inputs += await target.put(data)
            except Exception:
                outcome.broken = _account(target.name, seed, number, data)
                break
        outcome.canary = target.canary
    return outcome


def _account(name: str, seed: int, number: int, data: bytes) -> str:
    again = f"python -m tests.fuzz --target {name!r} --seed {seed} --only {number}"
    return f"{traceback.format_exc()}input: {data!r}\nagain: {again}"


async def run_all(
    seed: int, seconds: float, *, wanted: str = "", only: int | None = None, most: int = sys.maxsize
) -> list[Outcome]:
    """Every target (or the one wanted) for its share of the time."""
    chosen = [make for make in TARGETS if wanted in ("", _name(make))]
    if not chosen:
        raise SystemExit(f"no target {wanted!r}; there are: {', '.join(map(_name, TARGETS))}")
    return [await run(make(), seed, seconds / len(chosen), only, most) for make in chosen]


def _name(make: Callable[[], Target]) -> str:
    return str(make.name)  # type: ignore[attr-defined]


def main() -> int:
    """Run, and print the result."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--target", default="", help="one of them alone, by its name")
    parser.add_argument("--only", type=int, help="the input of this number alone")
    said = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ejtui-fuzz-") as directory:
        for variable in ("XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"):
            os.environ[variable] = directory
        outcomes = asyncio.run(run_all(said.seed, said.seconds, wanted=said.target, only=said.only))
    print(f"seed {said.seed}")
    for outcome in outcomes:
        state = "BROKEN" if outcome.broken else "held"
        print(f"  {outcome.name:<30} {outcome.inputs:>8,} inputs  {state}  {outcome.canary}")
    for outcome in outcomes:
        if outcome.broken:
            print(f"\n{outcome.name}: {outcome.broken}", file=sys.stderr)
    return 1 if any(outcome.broken for outcome in outcomes) else 0


if __name__ == "__main__":
    sys.exit(main())
