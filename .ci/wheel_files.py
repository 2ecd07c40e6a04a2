"""Gives the wheel its man page and the shells' completions, made of the command line."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CommandLineFiles(BuildHookInterface):  # type: ignore[type-arg, misc, unused-ignore]
    """Writes the files beside the build and adds them below `share`."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Makes them; nothing of ejtui's that is imported here needs another library."""
        del version
        sys.path.insert(0, self.root)
        try:
            from ejtui.cli.completion.files import files
        finally:
            sys.path.pop(0)
        self._made = Path(tempfile.mkdtemp(prefix="ejtui-build-"))
        for name, text in files().items():
            file = self._made / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
            build_data["shared_data"][str(file)] = name

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Removes what was written beside the build."""
        del version, build_data, artifact_path
        shutil.rmtree(self._made)
