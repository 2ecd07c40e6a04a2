"""How passwords of two databases compare, computed by Erlang as RFC 5802 has it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import subprocess
from pathlib import Path

import pytest

from ejtui.erlang.probe.bootstrap import sources

SALT = b"the salt"
COUNT = 64


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The probe's module, compiled."""
    directory = tmp_path_factory.mktemp("passwords")
    [text] = [text for text in sources() if b"-module(ejtui_passwords)" in text]
    (directory / "ejtui_passwords.erl").write_bytes(text)
    subprocess.run(["erlc", "ejtui_passwords.erl"], cwd=directory, check=True, timeout=120)
    return directory


def scram(secret: str, salt: bytes = SALT, name: str = "sha") -> str:
    """The record's value as an older (sha) or a newer release keeps it, as an Erlang term."""
    digest = {"sha": "sha1"}.get(name, name)
    salted = hashlib.pbkdf2_hmac(digest, secret.encode(), salt, COUNT)
    key = hmac.digest(salted, b"Client Key", digest)
    stored = base64.b64encode(hashlib.new(digest, key).digest()).decode()
    kind = "" if name == "sha" else f"{name}, "
    salt64 = base64.b64encode(salt).decode()
    return f'{{scram, <<"{stored}">>, <<"server">>, <<"{salt64}">>, {kind}{COUNT}}}'


def plain(secret: str) -> str:
    return f'<<"{secret}"/utf8>>'


CASES = {
    "equal SCRAM records": (scram("one"), scram("one"), "same"),
    "one salt, two passwords": (scram("one"), scram("two"), "other"),
    "two salts prove nothing": (scram("one"), scram("one", b"another salt"), "unknown"),
    "two hashes prove nothing": (scram("one"), scram("one", name="sha256"), "unknown"),
    "plain and its SHA-1": (plain("one"), scram("one"), "same"),
    "SHA-256 and its plain": (scram("one", name="sha256"), plain("one"), "same"),
    "plain and another's SHA-1": (plain("two"), scram("one"), "other"),
    "beyond ASCII it may be prepared": (plain("zwëi"), scram("one"), "unknown"),
    "beyond ASCII and the same": (plain("zwëi"), scram("zwëi"), "same"),
    "two plain ones": (plain("one"), plain("two"), "other"),
    "of an unknown kind": (plain("one"), "{odd, 1}", "unknown"),
}


def test_how_they_compare(compiled: Path) -> None:
    rows = ",\n".join(
        f"{{[{{passwd, u, {a}}}], [{{passwd, u, {b}}}]}}" for a, b, _ in CASES.values()
    )
    (compiled / "rows").write_text(f"%% coding: utf-8\n[{rows}].\n")
    program = (
        '{ok, [Rows]} = file:consult("rows"), [io:format("~p~n", '
        "[ejtui_passwords:compare(A, B, ejtui_passwords:until())]) || {A, B} <- Rows], "
        'io:format("~w~n", [[ejtui_passwords:compare(A0, B0, -(1 bsl 60)) '
        "|| {A0, B0} <- [lists:nth(5, Rows)]]]), halt()."
    )
    argv = ["erl", "-noshell", "-eval", program]
    ran = subprocess.run(
        argv, cwd=compiled, capture_output=True, text=True, timeout=120, check=True
    )
    *compared, late = ran.stdout.split()
    assert dict(zip(CASES, compared, strict=True)) == {
        name: verdict for name, (_, _, verdict) in CASES.items()
    }
    assert late == "[unknown]"
