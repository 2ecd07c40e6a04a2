"""What each platform's packages do, and what a host reports of its ejabberd."""

from ejtui.platforms.platform import Platform
from ejtui.platforms.reading import ask_platform

__all__ = ["Platform", "ask_platform"]
