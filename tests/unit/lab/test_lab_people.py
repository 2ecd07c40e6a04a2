"""Who is seeded."""

from __future__ import annotations

import re

from ejtui.lab.people import people, seed_terms


def test_first_has_25_and_second_one_of_its_own() -> None:
    first, second = people("first"), people("second")
    assert len({person.user for person in first}) == 25
    assert [person.user for person in second] == ["guest"]
    assert not {person.user for person in second} & {person.user for person in first}


def test_contacts_are_mutual() -> None:
    terms = seed_terms("first", "secret")
    friends = {
        user: set(re.findall(r'"([^"]*)"', listed))
        for user, listed in re.findall(r'\{"(\w+)", "secret", "[^"]*", "[^"]*", \[([^]]*)\]', terms)
    }
    assert len(friends) == 25
    assert all(user in friends[other] for user, others in friends.items() for other in others)
    assert all(len(others) == 4 and user not in others for user, others in friends.items())


def test_the_guest_has_no_one() -> None:
    assert '"guest", "secret", "Guest", "Reykjavík", []' in seed_terms("second", "secret")
