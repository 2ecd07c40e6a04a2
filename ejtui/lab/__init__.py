"""Two real ejabberd hosts on this computer, to rehearse on."""

from ejtui.lab.errors import LabError
from ejtui.lab.lab import Lab, current, down, reset, sh, status, up

__all__ = ["Lab", "LabError", "current", "down", "reset", "sh", "status", "up"]
