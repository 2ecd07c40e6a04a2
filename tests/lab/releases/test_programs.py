"""The Erlang programs compile without a warning with the Erlang of every release."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.lab.releases import roots
from tests.programs import erlang_modules
from tests.skipping import skip_for

pytestmark = pytest.mark.releases

# In a mount namespace that ends with it: nothing stays in the release's root.
_COMPILE = """
mount --bind "$2" "$1/mnt"
mount --rbind /dev "$1/dev"
exec chroot "$1" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/mnt sh -euc '
    cd /mnt && erlc -Werror *.erl && erl -noinput -eval "
        io:put_chars(erlang:system_info(otp_release)), halt()."'
"""


@pytest.mark.parametrize(
    "suite",
    [
        each if each == roots.SUITES[-1] else pytest.param(each, marks=pytest.mark.catalogue)
        for each in roots.SUITES
    ],
)
def test_erlc_of_the_release_warns_of_nothing(tmp_path: Path, suite: str) -> None:
    skip_for(roots.why_not())
    erlang_modules(tmp_path)
    argv = [
        "unshare",
        "--mount",
        "sh",
        "-euc",
        _COMPILE,
        "sh",
        *map(str, (roots.root(suite), tmp_path)),
    ]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    print(f"{suite}: OTP {done.stdout}")
