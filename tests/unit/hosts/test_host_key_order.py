"""The key that an unknown host is asked for first: the one that OpenSSH would show."""

from __future__ import annotations

from asyncssh.public_key import get_default_public_key_algs

from ejtui.hosts.ssh import options


def test_ed25519_comes_first_and_rsa_last() -> None:
    assert options
    kinds = [kind.decode() for kind in get_default_public_key_algs()]
    assert kinds[0] == "ssh-ed25519"
    assert kinds.index("ecdsa-sha2-nistp256") < kinds.index("rsa-sha2-512")
    assert kinds.index("rsa-sha2-512") < kinds.index("rsa-sha2-256") < kinds.index("ssh-rsa")
