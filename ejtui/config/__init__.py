"""The configuration: which hosts there are, and which two of them are the pair.

`load` reads the TOML file and answers a `Config` of which every value has been checked, or raises
one `ConfigError` with the file, the key, what is wrong and what would be right.
"""

from ejtui.config.errors import EXAMPLE, ConfigError, ConfigMissing
from ejtui.config.file import Config, load
from ejtui.config.node import LOCAL, PLATFORM_VALUES, PLATFORMS, Become, HostConfig

__all__ = [
    "EXAMPLE",
    "LOCAL",
    "PLATFORMS",
    "PLATFORM_VALUES",
    "Become",
    "Config",
    "ConfigError",
    "ConfigMissing",
    "HostConfig",
    "load",
]
