"""Addresses that nothing else on this computer uses."""

from __future__ import annotations

import ipaddress
import json

from ejtui.lab.forms import links


def _machine_with_routes(*routes: str) -> list[str]:
    """What makes `ip route` answer these destinations, as if they were this computer's."""
    answer = json.dumps([{"dst": route} for route in routes])
    return ["sh", "-c", 'printf %s "$0"', answer]


def test_each_lab_has_its_own_block() -> None:
    outside = _machine_with_routes("default", "192.0.2.0/24")
    first, again, other = (links.choose(key, outside) for key in ("00000001", "00000001", "2"))
    assert first == again
    assert len({*first.values(), *other.values()}) == 6
    network = ipaddress.ip_network("198.19.0.0/16")
    assert all(ipaddress.ip_address(address) in network for address in first.values())


def test_used_addresses_are_passed_over() -> None:
    free = links.choose("10", _machine_with_routes())
    by_one_address = links.choose("10", _machine_with_routes(free["second"]))
    by_a_network = links.choose("10", _machine_with_routes("198.19.0.0/24"))
    assert not set(free.values()) & set(by_one_address.values())
    assert ipaddress.ip_address(by_a_network["first"]) not in ipaddress.ip_network("198.19.0.0/24")


def test_interfaces_have_names_that_linux_takes() -> None:
    names = {links.interface("0123abcd", host) for host in ("first", "second")}
    assert len(names) == 2
    assert all(len(name) <= 15 for name in names)
