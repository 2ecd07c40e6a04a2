"""Which certificates and keys second lacks, and how they come to it."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from ejtui.cluster.administration.carry import carry
from ejtui.cluster.administration.certificates import CERTIFICATES, lacking, named
from ejtui.cluster.administration.compare import compare
from ejtui.cluster.backups.files import copied_files
from ejtui.cluster.backups.manifest import Manifest
from ejtui.cluster.carry_over import certificates as carried
from ejtui.cluster.carry_over.request import Wanted, prepare
from ejtui.cluster.errors import BackupError, StepFailed
from ejtui.cluster.operations.files import certificate_file
from ejtui.erlang.probe import questions
from ejtui.erlang.probe.client import ProbeError
from ejtui.erlang.probe.questions import NamedFile
from ejtui.hosts import CommandFailed
from tests.unit.cluster.conftest import Story
from tests.unit.cluster.disk import manifest
from tests.unit.cluster.recorded import World
from tests.unit.cluster.recording import RecordingPair
from tests.unit.cluster.test_administration import HOST, loaded
from tests.unit.cluster.test_ejabberd_yml import MAIN, read
from tests.unit.cluster.test_repairs import platform

if TYPE_CHECKING:
    from ejtui.cluster.pair.node import Node

PEM = NamedFile("/etc/ejabberd/first.pem", "pem", 0o640, "root", "ejabberd")
KEY = replace(PEM, path="/etc/ejabberd/first.key", mode=0o600)
ODD = replace(PEM, path="/etc/ejabberd/odd.pem", kind="other", why="it holds neither")


async def test_every_option_that_names_a_file_is_looked_at() -> None:
    file = await read({
        MAIN: """\
define_macro:
  CERTS: "/etc/letsencrypt/live/x"
certfiles:
  - /etc/ejabberd/*.pem
  - "@CERTS@/privkey.pem"
  - relative.pem
ca_file: /etc/ssl/ca.pem
listen:
  -
    port: 5222
    module: ejabberd_c2s
    certfile: /etc/ejabberd/c2s.pem
    dhfile: /etc/ejabberd/dh.pem
    request_handlers: {/api: mod_http_api}
host_config:
  chat.example:
    jwt_key: /etc/ejabberd/jwt
modules:
  mod_http_fileserver: {docroot: /srv/www}
"""
    })  # fmt: skip
    assert named(file) == (
        "/etc/ejabberd/*.pem", "/etc/letsencrypt/live/x/privkey.pem", "/etc/ssl/ca.pem",
        "/etc/ejabberd/c2s.pem", "/etc/ejabberd/dh.pem", "/etc/ejabberd/jwt",
    )  # fmt: skip


def test_what_second_has_is_never_among_the_files() -> None:
    pattern = "/etc/ejabberd/*.pem"
    own = replace(PEM, path="/etc/ejabberd/own.pem")
    first = {pattern: (PEM, ODD), KEY.path: (KEY,), "/n": ()}
    assert lacking(first, {pattern: (own,)}).files == ()
    assert lacking(first, {pattern: (own,)}, {pattern}).files == (PEM,)
    assert lacking(first, {pattern: (PEM,)}, {pattern}).files == ()
    found = lacking(first, {pattern: (), KEY.path: (), "/n": ()})
    assert found.files == (PEM, KEY)
    assert found.left == (
        f"{ODD.path} of first's: it holds neither",
        "/n: first does not have it either",
    )


def test_what_is_there_and_cannot_be_read_stays_and_is_named() -> None:
    there = replace(PEM, kind="unreadable", why="permission denied")
    found = lacking({PEM.path: (PEM,)}, {PEM.path: (there,)}, {PEM.path})
    assert found.files == ()
    assert found.left == (f"{PEM.path} is there on second, and stays: permission denied",)


async def test_firsts_certfiles_come_after_seconds_own() -> None:
    first = await read({MAIN: "certfiles: [/a.pem, /b.pem]\n"})
    second = await read({MAIN: "certfiles:\n  - /own.pem # mine\n  - /b.pem\nhosts: [x]\n"})
    done = carry(first, second, [CERTIFICATES])
    assert done.text == "certfiles:\n  - /own.pem # mine\n  - /b.pem\n  - /a.pem\nhosts: [x]\n"
    assert done.taken == ()
    every = carry(first, second, [CERTIFICATES], everything=True)
    assert (every.diff, every.taken) == ((), ())
    assert "--take certificates" in every.left[0]


def test_owner_and_group_are_firsts_with_each_hosts_service_user_in_its_place() -> None:
    first = platform("first")
    second = replace(platform("second"), service_user="_ejabberd")
    pair = RecordingPair(World(Story().strangers()), first, second, Path())
    file = replace(PEM, owner=first.service_user, group="ssl-cert", mode=0o4666)
    assert certificate_file.owner_on(pair.first, pair.second, file) == ("_ejabberd", "ssl-cert")
    shown = certificate_file.place_command(pair.first, pair.second, file, "/staged").text
    assert "-m 0644 /staged /etc/ejabberd/first.pem" in shown


@pytest.mark.parametrize(
    ("certified", "options", "copied", "edited"),
    [
        (False, (CERTIFICATES,), True, True),
        (True, (CERTIFICATES,), False, False),
        (True, ("certfiles",), True, True),
        (True, ("acl",), False, True),
        (False, ("acl",), False, True),
    ],
)
async def test_files_are_offered_where_they_are_wanted(
    certified: bool, options: tuple[str, ...], copied: bool, edited: bool, story: Story
) -> None:
    pair: Any = RecordingPair(
        World(story.strangers()), platform("first"), platform("second"), Path()
    )
    second = loaded() if certified else replace(loaded(), certified=frozenset())
    found = compare(loaded(), second)
    assert (HOST in [each.host for each in found]) == (not certified)
    prepared = await prepare(pair, Wanted(options), found)
    assert [each.path for each in prepared.lacking.files] == ([PEM.path] if copied else [])
    assert bool(prepared.carried.diff) == edited


@pytest.mark.parametrize(
    "said", [None, 5, [["/x"]], [["/x", 5]], [["/x", [["/x", "pem", "0640", "r", "g", ""]]]]]
)
async def test_an_answer_of_another_shape_is_refused(said: object) -> None:
    class Probe:
        async def ask(self, *_: object, **__: object) -> object:
            return said

    with pytest.raises(ProbeError, match="certificates"):
        await questions.named_files(Probe(), ["/x"])


def test_a_manifest_knows_what_was_copied_and_an_older_one_is_read() -> None:
    now = replace(manifest(), certificates=(PEM.path,))
    assert Manifest.from_line(now.to_line()) == now
    older = json.loads(manifest().to_line())
    del older["certificates"]
    assert Manifest.from_line(json.dumps(older).encode()).certificates == ()
    with pytest.raises(BackupError):
        Manifest.from_line(json.dumps({**older, "certificates": [5]}).encode())


@pytest.mark.parametrize(
    ("pattern", "path", "named"),
    [
        ("/etc/ejabberd/*.pem", "/etc/ejabberd/a.pem", True),
        ("/etc/ssl/{a,b}/*.pem", "/etc/ssl/a/x.pem", True),
        ("/etc/ssl/ca.pem", "/etc/ssl/ca.pem", True),
        ("/etc/ssl/ca.pem", "/etc/cron.d/x", False),
        ("/etc/ejabberd/*.pem", "/etc/cron.d/x", False),
        ("/etc/ejabberd/*.pem", "/etc/ejabberd/../cron.d/x", False),
    ],
)
def test_first_cannot_answer_with_another_path(pattern: str, path: str, named: bool) -> None:
    found = lacking({pattern: (replace(PEM, path=path),)}, {pattern: ()})
    assert bool(found.files) == named
    assert named or found.left == (f"{path} of first's: it is not what {pattern} names",)


@pytest.mark.parametrize(
    ("path", "sources", "root"),
    [
        ("/etc/ejabberd/tls/live/chat.pem", {}, True),
        ("/etc/letsencrypt/live/x/privkey.pem", {}, True),
        ("/etc/letsencrypt/renewal-hooks/deploy/x", {}, False),
        ("/etc/cron.d/x", {}, False),
        ("/etc/cron.d/x.pem", {}, False),
        ("/etc/ejabberd/../cron.d/x.pem", {}, False),
        ("/etc/ejabberd/ejabberdctl.cfg", {}, False),
        ("/etc/ejabberd/a.pem", {"steered": "/etc/default/ejabberd"}, False),
    ],
)
def test_root_makes_certificates_alone(path: str, sources: dict[str, str], root: bool) -> None:
    second = replace(platform("second"), sources=sources)
    assert certificate_file.may_be_root(second, path) == root


@pytest.mark.parametrize("file", ["a.pem", "b.pem"])
async def test_a_copy_that_is_cancelled_in_the_middle_of_a_file_leaves_none(
    file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    there: set[str] = set()
    context: Any = SimpleNamespace(
        pair=SimpleNamespace(first=None, second=None), say=lambda _: None
    )

    async def copy(_first: Any, _second: Any, each: NamedFile, _staged: str) -> None:
        if each.path == file:
            task.cancel()
        try:
            await asyncio.sleep(0)
        finally:
            there.add(each.path)  # the host has the command, whether anybody waits for it or not

    async def remove(_: Any, path: str) -> str:
        await asyncio.sleep(0)
        there.discard(path)
        return "removed"

    async def note(*_: Any) -> None:
        return None

    monkeypatch.setattr(certificate_file, "copy", copy)
    monkeypatch.setattr(certificate_file, "remove", remove)
    monkeypatch.setattr(copied_files, "note", note)
    files = [NamedFile(path, "pem", 0o644, "root", "root") for path in ("a.pem", "b.pem")]
    task = asyncio.create_task(carried.copy(context, files, "/place"))
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not there


def test_what_root_does_not_write_is_named_in_the_question() -> None:
    pair = RecordingPair(World(Story().strangers()), platform("first"), platform("second"), Path())
    context: Any = SimpleNamespace(pair=pair)
    odd = replace(PEM, path="/etc/cron.d/x")
    usual, other = carried.question(context, [PEM, odd]).takes
    assert usual == "/etc/ejabberd/first.pem, owner root, group ejabberd, mode 0640"
    user = pair.second.platform.service_user
    assert other.startswith("/etc/cron.d/x, mode 0640: certificates do not lie there, so ")
    assert other.endswith(f"{user} writes it, and only where it may")


async def test_a_copy_that_the_host_refuses_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pair = RecordingPair(World(Story().strangers()), platform("first"), platform("second"), Path())

    async def refused(*_: Any) -> str:
        raise CommandFailed(
            "second", "op@second", ["sh", "-c", "long"], 1, b"mktemp: not permitted\n"
        )

    monkeypatch.setattr(questions, "secret_key", refused)
    with pytest.raises(StepFailed) as failed:
        await certificate_file.copy(cast("Node", pair.first), cast("Node", pair.second), PEM, "/s")
    assert str(failed.value) == (
        f"{PEM.path} cannot be copied to {pair.second.name}: mktemp: not permitted. Copy it there "
        "by hand, then `ejabberdctl reload_config`"
    )
