"""Files that a host's own configuration makes: refused, with the option to set in their place."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import pytest

from ejtui.cluster.acts.act import At
from ejtui.cluster.acts.declared import refuse_edit
from ejtui.cluster.errors import StepFailed
from ejtui.cluster.repairs.tools.settings import refuse_option


def at(kind: str) -> At:
    return cast("At", SimpleNamespace(name="lyon", platform=SimpleNamespace(sources=(), kind=kind)))


@pytest.mark.parametrize(
    ("value", "line"),
    [("ejabberd@lyon", "`ERLANG_NODE=ejabberd@lyon`"), (None, "`unset ERLANG_NODE`")],
)
def test_the_option_is_named(value: str | None, line: str) -> None:
    with pytest.raises(StepFailed, match=f"write {line} in services.ejabberd.ctlConfig"):
        refuse_option(at("nixos"), "ERLANG_NODE", value)


@pytest.mark.parametrize("file", ["hosts", "epmd.socket", "ejabberd.yml", "ejabberdctl.cfg"])
def test_every_file_of_a_settings_is_one(file: str) -> None:
    with pytest.raises(StepFailed, match="nixos-rebuild switch"):
        refuse_edit(at("nixos"), file, "write `x`")


def test_elsewhere_files_are_edited() -> None:
    for kind in ("debian", "fedora", "alpine", "gentoo", "openbsd", "freebsd", "processone"):
        refuse_edit(at(kind), "hosts", "write `10.0.0.1 first`")
