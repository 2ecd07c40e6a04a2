"""The catalogue's faults, made for real on the lab's nodes; `ejtui lab reset` repairs them all."""

from ejtui.lab.faults.fault import Fault, Forms, Impossible
from ejtui.lab.faults.registry import FAULTS, IMPOSSIBLE, Row, listing, make

__all__ = ["FAULTS", "IMPOSSIBLE", "Fault", "Forms", "Impossible", "Row", "listing", "make"]
