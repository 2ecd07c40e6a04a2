"""The screens: messages in, calls out, no decisions."""

from ejtui.ui.run import run

__all__ = ["run"]
