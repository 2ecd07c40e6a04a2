"""The options that ejabberdctl gives its erl, out of its settings."""

from __future__ import annotations

import ipaddress
import re
import shlex
from collections.abc import Mapping


def boot(options: str) -> tuple[str, ...]:
    """Return how an erl that came with ejabberd finds its own start; `options` are ejabberdctl's.

    Such a release has no boot file where erl looks for one.
    """
    found = re.findall(r"(?:^|\s)(-boot)\s+(\S+)|(?:^|\s)(-boot_var)\s+(\S+)\s+(\S+)", options)
    return tuple(word for each in found for word in each if word)


def window(value: str) -> tuple[str, ...]:
    found = re.fullmatch(r"(\d+)\s*(?:-\s*(\d+))?", value.strip())
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


_KEPT = {"-proto_dist": 1, "-ssl_dist_optfile": 1, "-erl_epmd_port": 1, "-start_epmd": 1}
"""Options of erl that decide how it meets other nodes, and how many words follow each."""

_PROTOCOL = {"-proto_dist": 1, "-ssl_dist_optfile": 1}

_KEPT_KERNEL = ("inet_dist_", "net_ticktime", "prevent_overlapping_partitions")


def distribution(options: str) -> tuple[str, ...]:
    """Return what of ejabberd's own options decides how its node meets others.

    `options` are ERL_OPTIONS, or the text of vm.args, whose comments begin with #, as
    hide_options.awk leaves them. A cookie is never among them.
    """
    try:
        words = shlex.split(options, comments=True)
    except ValueError:
        words = options.split()
    return _of_words(words)


def protocol(arguments: str) -> tuple[str, ...]:
    """Return the protocol of a running VM's distribution; `arguments` are its own, a line each.

    The one that follows from an IPv6 address to listen on is left out: that address is a setting.
    """
    words = arguments.splitlines()
    found = _of_words(words, _PROTOCOL, kernel=())
    follows = "inet_dist_use_interface" in words and "inet6_tcp" in found
    return () if follows or "-proto_dist" not in found else found


def _of_words(
    words: list[str],
    options: Mapping[str, int] = _KEPT,
    *,
    kernel: tuple[str, ...] = _KEPT_KERNEL,
) -> tuple[str, ...]:
    found: list[str] = []
    for at, word in enumerate(words):
        if word in options:
            found += words[at : at + 1 + options[word]]
        elif word == "-ssl_dist_opt":
            found += [word, *_values(words[at + 1 :])]
        elif word == "-kernel" and kernel:
            values = _values(words[at + 1 :])
            pairs = zip(values[::2], values[1::2], strict=False)
            kept = [pair for pair in pairs if pair[0].startswith(kernel)]
            found += [each for pair in kept for each in ("-kernel", *pair)]
    return tuple(found)


def _values(words: list[str]) -> list[str]:
    """The words up to the next option."""
    end = next((at for at, word in enumerate(words) if word.startswith(("-", "+"))), len(words))
    return words[:end]


def port(value: str) -> tuple[str, ...]:
    if not value.strip().isdigit():
        return ()
    return ("-erl_epmd_port", value.strip(), "-start_epmd", "false")
