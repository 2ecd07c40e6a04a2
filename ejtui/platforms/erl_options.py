"""The options that ejabberdctl gives its erl, out of its settings."""

from __future__ import annotations

import ipaddress
import re


def boot(options: str) -> tuple[str, ...]:
    """Return how an erl that came with ejabberd finds its own start; `options` are ejabberdctl's.

    Such a release has no boot file where erl looks for one.
    """
    found = re.findall(r"(?:^|\s)(-boot)\s+(\S+)|(?:^|\s)(-boot_var)\s+(\S+)\s+(\S+)", options)
    return tuple(word for each in found for word in each if word)


def window(value: str) -> tuple[str, ...]:
    found = re.fullmatch(r"(\d+)(?:-(\d+))?", value.strip())
    if not found:
        return ()
    low, high = found[1], found[2] or found[1]
    return ("-kernel", "inet_dist_listen_min", low, "inet_dist_listen_max", high)


def interface(value: str) -> tuple[str, ...]:
    """Return the option for an address, given as such or as an Erlang tuple."""
    value = value.strip()
    if not value.startswith("{"):
        try:
            packed = ipaddress.ip_address(value).packed
        except ValueError:
            return ()
        size = 1 if len(packed) == 4 else 2
        parts = [packed[i : i + size] for i in range(0, len(packed), size)]
        value = "{" + ",".join(str(int.from_bytes(part, "big")) for part in parts) + "}"
    return ("-kernel", "inet_dist_use_interface", value)


def port(value: str) -> tuple[str, ...]:
    if not value.strip().isdigit():
        return ()
    return ("-erl_epmd_port", value.strip(), "-start_epmd", "false")
