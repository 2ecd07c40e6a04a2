"""Slow, lossy links: a relay in place of the kernel's, since few kernels here can delay packets.

Every packet that leaves a host, to the other or to this computer, is held for the delay; so a round
trip from this computer takes the delay once more, and one between the hosts twice. Of the packets
in either direction of every link the same part is lost, by a seed: the same ones each time.
"""

from __future__ import annotations

from dataclasses import dataclass

from ejtui.lab.errors import LabError
from ejtui.lab.forms.form import Form
from ejtui.lab.forms.namespaces import Namespaces, Rootless
from ejtui.lab.lab import Lab

DELAY_MS = 300.0
LOSS_PERCENT = 2.0
_SEED = 1


@dataclass(frozen=True)
class Slowness:
    """What leaves a host is held `delay_ms`; `loss_percent` of the packets each way are lost."""

    delay_ms: float = DELAY_MS
    loss_percent: float = LOSS_PERCENT

    def __str__(self) -> str:
        return (
            f"what leaves a host takes {self.delay_ms:g} ms longer, "
            f"and {self.loss_percent:g} % of the packets each way are lost"
        )


def slow_links(lab: Lab, slowness: Slowness | None = None) -> None:
    """Make every link of the hosts as slow as that; connections that stand go on.

    Raises LabError where the hosts share this computer's network, or ssh does not go over it.
    """
    wanted = slowness or Slowness()
    if wanted.delay_ms < 0 or not 0 <= wanted.loss_percent < 100:
        raise LabError("a delay is 0 ms or more, a loss at least 0 and below 100 percent")
    form = _with_links(lab)
    with lab.place.locked():
        form.relink([f"{wanted.delay_ms:g}", f"{wanted.loss_percent:g}", str(_SEED)])


def fast_links(lab: Lab) -> None:
    """Put the kernel's own links back; well when they are there."""
    form = _with_links(lab)
    with lab.place.locked():
        form.relink()


def slowness(form: Form) -> Slowness | None:
    """How slow the links are; None where they are not. Looked for, not remembered."""
    words = form.relay_words() if isinstance(form, Namespaces) else []
    return Slowness(float(words[0]), float(words[1])) if words else None


def _with_links(lab: Lab) -> Namespaces:
    form = lab.form
    if not isinstance(form, Namespaces) or isinstance(form, Rootless):
        raise LabError(f"ssh goes over no link that could be slow: {form.name}")
    return form
