"""Every platform there is, and what follows from that."""

from __future__ import annotations

from collections.abc import Mapping

from ejtui import discovery
from ejtui.platforms.kind import Kind, Service

KINDS: Mapping[str, Kind] = {
    each.KIND.name: each.KIND for each in discovery.modules("ejtui.platforms.kinds")
}

PLACES: tuple[str, ...] = tuple(
    dict.fromkeys(place for kind in KINDS.values() for place in (kind.ejabberdctl, *kind.places))
)
"""Where to look for ejabberdctl when PATH does not have it."""

SERVICES: Mapping[str, Service] = {
    service.name: service for kind in KINDS.values() for service in kind.services
}
"""The service managers, by the names that a host reports."""


def kind_of(reported: Mapping[str, str]) -> Kind:
    """The kind of a host, by what it reports of itself."""
    for kind in KINDS.values():
        if kind.system and kind.system == reported.get("uname"):
            return kind
    for kind in KINDS.values():
        if kind.below and reported.get("ctl", "").startswith(kind.below):
            return kind
    for kind in KINDS.values():
        if reported.get("release") in kind.releases:
            return kind
    return KINDS["debian"]
