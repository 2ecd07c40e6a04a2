"""A service user that was taken over: links in its directories, and what they aim at."""

from __future__ import annotations

from ejtui.lab.lab import Lab

AIMS = "/run/aims"
"""Root's own files and directories on the host, which no test may change."""

_MAKE = r"""
rm -rf "$1"; mkdir -p "$1/etc" "$1/profile.d"
printf 'root:x:0:0::/root:/bin/sh\nejabberd:x:1:1::/:/bin/sh\n' >"$1/passwd"
printf 'root:secret:1::::::\n' >"$1/shadow"; chmod 600 "$1/shadow"
printf 'a setting\n' >"$1/etc/setting"
"""

_SEEN = r"""
for each in "$1" /root /etc/passwd /etc/shadow /etc/group /etc/profile.d /etc/hosts; do
  find "$each" -exec stat -c '%n %u:%g %a %F %s %Y' {} +
  find "$each" -type f -exec sha256sum {} +
done | sort
"""


def aims(lab: Lab, host: str = "second") -> None:
    """Makes what the links aim at."""
    lab.run(host, ["sh", "-euc", _MAKE, "make", AIMS])


def seen(lab: Lab, host: str = "second") -> str:
    """Checksums, owners and modes of what is root's on the host."""
    return lab.run(host, ["sh", "-c", _SEEN, "seen", AIMS]).stdout.decode()


def as_service(lab: Lab, script: str, *words: str, host: str = "second") -> str:
    """Runs a script as ejabberd's user in its home; $1 is that home."""
    home = lab.form.home(host)
    argv = ["runuser", "-u", "ejabberd", "--", "sh", "-c", f'cd "$1"; {script}', "sh", home]
    return lab.run(host, [*argv, *words]).stdout.decode()


def as_root(lab: Lab, script: str, host: str = "second") -> str:
    """Runs a script as root in ejabberd's home."""
    argv = ["sh", "-c", f'cd "$1"; {script}', "sh", lab.form.home(host)]
    return lab.run(host, argv).stdout.decode()
