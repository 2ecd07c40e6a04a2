"""Rooms, shared roster groups and pubsub nodes on a host of the lab, as a person makes them."""

from __future__ import annotations

from ejtui.lab.lab import Lab
from ejtui.lab.people import DOMAIN

ROOM = f"tea@conference.{DOMAIN}"
GROUP = f"team@{DOMAIN}"
NODE = f"news@pubsub.{DOMAIN}"
_PUBSUB = "http://jabber.org/protocol/pubsub"


def do(lab: Lab, host: str, *words: str) -> str:
    """An ejabberdctl command that must succeed; what it prints."""
    return lab.run(host, [lab.form.ejabberdctl(host), *words]).stdout.decode()


def make_room(lab: Lab, host: str, room: str, owner: str) -> None:
    """A persistent room of that owner."""
    service = f"conference.{DOMAIN}"
    do(lab, host, "create_room", room, service, DOMAIN)
    do(lab, host, "change_room_option", room, service, "persistent", "true")
    do(lab, host, "set_room_affiliation", room, service, f"{owner}@{DOMAIN}", "owner")


def make_group(lab: Lab, host: str, group: str, *members: str) -> None:
    """A shared roster group with these members, who see each other."""
    do(lab, host, "srg_create", group, DOMAIN, group.title(), group, group)
    for member in members:
        do(lab, host, "srg_user_add", member, DOMAIN, group, DOMAIN)


def publish(lab: Lab, host: str, user: str, node: str, text: str, to: str = "") -> None:
    """An item on a pubsub node, which is made for it; on a personal one where `to` is the user."""
    to = to or f"pubsub.{DOMAIN}"
    if "@" not in to:
        _set(lab, host, user, to, f"<create node='{node}'/>")
    item = f"<item id='current'><n xmlns='some:note'>{text}</n></item>"
    _set(lab, host, user, to, f"<publish node='{node}'>{item}</publish>")


def _set(lab: Lab, host: str, user: str, to: str, inner: str) -> None:
    iq = f"<iq type='set' id='x'><pubsub xmlns='{_PUBSUB}'>{inner}</pubsub></iq>"
    do(lab, host, "send_stanza", f"{user}@{DOMAIN}", to, iq)
