"""Who has an account in the lab, and the file that seeds them."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

DOMAIN = "chat.example"
GUEST = "guest"

_PEOPLE = (
    "amelie Amélie Laurent:Lyon",
    "ben Ben Adler:Hamburg",
    "chidi Chidi Okafor:Lagos",
    "dorota Dorota Nowak:Kraków",
    "elif Elif Şahin:Muğla",
    "farah Farah Haddad:Amman",
    "gustav Gustav Lindqvist:Uppsala",
    "hana Hana Sato:Kyoto",
    "ines Inês Carvalho:Porto",
    "jonas Jonas Weber:Graz",
    "kavya Kavya Iyer:Chennai",
    "leo Leo Brandt:Basel",
    "mira Mira Kovač:Zagreb",
    "nils Nils Haugen:Bergen",
    "olga Olga Petrenko:Lviv",
    "pedro Pedro Álvarez:Sevilla",
    "quentin Quentin Dubois:Namur",
    "rosa Rosa Marino:Napoli",
    "sara Sara Nilsen:Oslo",
    "tomas Tomáš Dvořák:Brno",
    "ursula Ursula Meier:Bern",
    "viktor Viktor Horváth:Pécs",
    "wanjiru Wanjiru Kamau:Nakuru",
    "xenia Xenia Pappas:Patras",
    "yusuf Yusuf Demir:Bursa",
)


@dataclass(frozen=True)
class Person:
    """One account: the name before the @, the vCard's name and town."""

    user: str
    name: str
    city: str


def people(host: str) -> tuple[Person, ...]:
    """Those with an account on that host: 25 on first, one other on second."""
    if host != "first":
        return (Person(GUEST, "Guest", "Reykjavík"),)
    return tuple(_person(line) for line in _PEOPLE)


def _person(line: str) -> Person:
    user, _, rest = line.partition(" ")
    name, _, city = rest.partition(":")
    return Person(user, name, city)


def seed_terms(host: str, password: str) -> str:
    """The accounts, contacts and waiting messages of a host, as Erlang's terms in a file.

    `password` is letters and digits.
    """
    everyone = people(host)
    users = [person.user for person in everyone]
    accounts = [
        "{"
        + ", ".join(_quoted(v) for v in (person.user, password, person.name, person.city))
        + ", ["
        + ", ".join(_quoted(friend) for friend in _friends(users, place))
        + "]}"
        for place, person in enumerate(everyone)
    ]
    messages = [
        "{" + ", ".join(_quoted(v) for v in (sender, user, "Tomorrow", f"See you, {user}?")) + "}"
        for sender, user in itertools.pairwise(users)
    ][::3]
    lists = (f"[{', '.join(entries)}].\n" for entries in (accounts, messages))
    return f"%% coding: utf-8\n{_quoted(DOMAIN)}.\n{''.join(lists)}"


def _friends(users: list[str], place: int) -> list[str]:
    """The neighbours in the list, so that who has whom is mutual."""
    count = len(users)
    around = {(place + step) % count for step in (-2, -1, 1, 2)} - {place}
    return [users[index] for index in sorted(around)]


def _quoted(text: str) -> str:
    """Plain text as an Erlang string; the texts above hold no quote and no backslash."""
    return f'"{text}"'
