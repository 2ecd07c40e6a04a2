"""What a unit gives ejabberd counts while it is stopped: macros, and where code lies."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from ejtui.cluster.administration.document import Scalar
from ejtui.cluster.diagnosis.next_settings import next_settings
from ejtui.cluster.operations.files import config_file
from ejtui.lab.lab import Lab
from tests.lab.cli.driver import Ejtui
from tests.lab.cluster.engine import engine
from tests.lab.erlang.test_next_settings import compiled

pytestmark = pytest.mark.catalogue

FILE = "/etc/ejabberd/ejabberd.yml"
DROPIN = "/etc/systemd/system/ejabberd.service.d/settings.conf"
_SET = """
mkdir -p /opt/own/mod_own/ebin "${1%/*}"
base64 -d >/opt/own/mod_own/ebin/mod_own.beam
cat >"$1" <<'END'
[Service]
Environment="EJABBERD_MACRO_TONGUE=one word, \\"two\\" $"
EnvironmentFile=/etc/default/own-settings
END
cat >/etc/default/own-settings <<'END'
# ours
EJABBERD_MACRO_OTHER2='de'
CONTRIB_MODULES_PATH=/opt/own
END
printf '\\nlanguage: TONGUE\\nfqdn: OTHER2\\n' >>"$2"
sed -i 's/^modules:/&\\n  mod_own: {count: 2}/' "$2"
systemctl daemon-reload
systemctl stop ejabberd
"""


async def test_what_a_unit_gives_the_next_vm_is_read(
    fresh_systemd_lab: Lab, tmp_path: Path
) -> None:
    lab = fresh_systemd_lab
    module = (compiled("mod_own", tmp_path / "ebin") / "mod_own.beam").read_bytes()
    beam = base64.encodebytes(module)
    lab.run("second", ["sh", "-euc", _SET, "sh", DROPIN, FILE], stdin=beam)
    async with engine(lab) as one:
        await one.pair.refresh()
        written = await config_file.read(one.pair.second)
        assert written.value(("language",)) == Scalar('one word, "two" $')
        assert written.value(("fqdn",)) == Scalar("de")
        seen = await next_settings(one.pair.second)
        assert "mod_own" in seen.modules["chat.example"]
        assert not await config_file.check(one.pair.second, FILE)


_CLOSE = """
mkdir -p "${1%/*}"
printf '[Service]\nEnvironmentFile=/etc/default/own-*\nEnvironmentFile=-/etc/default/none\n' >"$1"
echo EJABBERD_MACRO_TONGUE=info >/etc/default/own-settings
chmod 600 /etc/default/own-settings
sed -i 's/^loglevel:.*/loglevel: TONGUE/' "$2"
grep -q TONGUE "$2"
systemctl daemon-reload
systemctl stop ejabberd
"""


def test_a_file_of_a_unit_that_only_root_reads_is_named(fresh_systemd_lab: Lab) -> None:
    lab, ejtui = fresh_systemd_lab, Ejtui(fresh_systemd_lab)
    lab.run("second", ["sh", "-euc", _CLOSE, "sh", DROPIN, FILE])

    def named() -> dict[str, object] | None:
        _, answer = ejtui.json("check")
        found = [each for each in answer["findings"] if each["code"] == "unit-environment"]
        assert len(found) <= 1
        return found[0] if found else None

    finding = named()
    assert finding is not None
    assert finding["severity"] == "warning"
    assert "/etc/default/own-settings: eacces" in str(finding["evidence"])
    assert "/etc/default/none" not in str(finding), "systemd starts ejabberd without it"
    _, answer = ejtui.json("check")
    refused = [each for each in answer["findings"] if each["code"] == "config-refused"]
    assert "read without the variables of /etc/default/own-settings" in str(refused)

    lab.run("second", ["rm", "/etc/default/own-settings"])
    finding = named()
    assert finding is not None
    assert "is not there" in str(finding["title"])
    assert "/etc/default/own-*" in str(finding["evidence"])
    ran = lab.run("second", ["systemctl", "start", "ejabberd"], check=False, timeout=120)
    assert ran.returncode != 0

    write = "echo EJABBERD_MACRO_TONGUE=info >/etc/default/own-settings"
    lab.run("second", ["sh", "-c", write])
    assert named() is None
