"""A last guard of what leaves in a report: what looks like a secret is covered.

No secret is written to the journal; this is for lines that another program or a person has added.
"""

from __future__ import annotations

import re

COVER = "[covered]"

_SHAPES = re.compile(
    r"""
    (?P<before>
        -setcookie \s+
      | \b(?: password | passphrase | passwd | secret | token ) ["']? \s* [=:] \s*
    )
    (?P<secret> "[^"]{0,1000}" | '[^']{0,1000}' | [^\s,;)"']{1,1000} )
    | (?P<call> set_cookie \( ) [^\n]{1,1000}
    | -----BEGIN [ A-Z]{0,40} PRIVATE\ KEY----- .{0,20000}? (?: -----END [ A-Z]{0,40}----- | \Z )
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)


def cover(text: str) -> str:
    """`text`, where what follows the words that lead to a secret is covered."""
    return _SHAPES.sub(lambda found: f"{found['before'] or found['call'] or ''}{COVER}", text)
