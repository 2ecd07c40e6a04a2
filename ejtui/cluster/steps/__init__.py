"""The steps of a join, one a module, in the order of the document."""

from .cleandb import CleanDb
from .config import NodeConfiguration
from .cookies import Cookies
from .nodes import Nodes
from .permissions import Permissions
from .preflight import Preflight
from .quit import Quit
from .start import Start
from .step import Command, Step, StepState
from .sync import Synchronise
from .tables import Tables
from .verify import Verify

STEPS: tuple[Step, ...] = (
    Preflight(),
    Cookies(),
    Nodes(),
    CleanDb(),
    NodeConfiguration(),
    Synchronise(),
    Tables(),
    Quit(),
    Permissions(),
    Start(),
    Verify(),
)

__all__ = ["STEPS", "Command", "Step", "StepState"]
