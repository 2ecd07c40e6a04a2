"""The steps of a join, one a module, in the order of the document."""

from ejtui.cluster.join.steps.cleandb import CleanDb
from ejtui.cluster.join.steps.config import NodeConfiguration
from ejtui.cluster.join.steps.cookies import Cookies
from ejtui.cluster.join.steps.nodes import Nodes
from ejtui.cluster.join.steps.permissions import Permissions
from ejtui.cluster.join.steps.preflight import Preflight
from ejtui.cluster.join.steps.quit import Quit
from ejtui.cluster.join.steps.start import Start
from ejtui.cluster.join.steps.step import Step, StepState
from ejtui.cluster.join.steps.sync import Synchronise
from ejtui.cluster.join.steps.tables import Tables
from ejtui.cluster.join.steps.verify import Verify

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

__all__ = ["STEPS", "Step", "StepState"]
