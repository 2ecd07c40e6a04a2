"""The screens: messages in, calls out, no decisions."""

from ejtui.ui.run import run, set_up

__all__ = ["run", "set_up"]
