"""Files that a host's own configuration makes, as on NixOS: nobody edits them there."""

from __future__ import annotations

from ejtui.cluster.acts.act import At
from ejtui.cluster.errors import StepFailed
from ejtui.platforms.catalogue import KINDS


def refuse_edit(at: At, file: str, line: str) -> None:
    """Raises StepFailed with the option that gets `line`, where the host's configuration makes
    `file`: "ejabberdctl.cfg", "hosts", "epmd.socket" or "ejabberd.yml".
    """
    option = KINDS[at.platform.kind].declares.get(file, "")
    if option:
        raise StepFailed(
            f"{at.name} is a host whose files come from its configuration, and its {file} is not "
            f"edited: {line} in {option} there (/etc/nixos/configuration.nix), run "
            "`nixos-rebuild switch`, and check again. Nothing was changed"
        )
