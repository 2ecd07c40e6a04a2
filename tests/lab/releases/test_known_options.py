"""The options that the ejabberd of each release has are those that something is decided about."""

from __future__ import annotations

import subprocess

import pytest

from ejtui.cluster.administration.known_options import OPTIONS
from tests.lab.releases import roots
from tests.skipping import skip_for

pytestmark = pytest.mark.releases

# The clauses of what checks an option: each has the name of one.
_PROGRAM = """
[File | _] = filelib:wildcard("/usr/lib/*/ejabberd-*/ebin/ejabberd_options.beam"),
{ok, {_, [{abstract_code, {_, Forms}}]}} = beam_lib:chunks(File, [abstract_code]),
[io:format("~s~n", [Name]) || {function, _, opt_type, 1, Clauses} <- Forms,
                              {clause, _, [{atom, _, Name}], _, _} <- Clauses],
halt().
"""


@pytest.mark.parametrize("suite", roots.SUITES)
def test_each_option_of_the_release_is_known(suite: str) -> None:
    skip_for(roots.why_not())
    argv = ["chroot", str(roots.root(suite)), "env", "-i", "PATH=/usr/bin:/bin", "HOME=/",
            "erl", "-noinput", "-eval", _PROGRAM]  # fmt: skip
    done = subprocess.run(argv, capture_output=True, text=True, timeout=120, check=False)
    named = set(done.stdout.split())
    assert len(named) > 100, done.stdout + done.stderr
    assert named - OPTIONS == set()
