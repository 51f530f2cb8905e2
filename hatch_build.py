"""Build hook of the wheel: front-end packages and compiled translations go into it, though neither is committed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class DiankeHook(BuildHookInterface):  # type: ignore[type-arg]
    """Copies node_modules into static files and compiles the catalogues, then adds both to the wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        root = Path(self.root)
        vendor = root / "dianke" / "web" / "static" / "vendor"
        if version == "editable":
            return
        if not (root / "node_modules").exists() and not vendor.exists():
            subprocess.run(["npm", "ci", "--ignore-scripts"], cwd=root, check=True)
        sys.path.insert(0, str(root))
        from dianke.config.messages.catalogue import compile_rooms, discover_rooms
        from dianke.web.assets import build

        if (root / "node_modules").exists():
            build(root / "node_modules")
        compile_rooms(discover_rooms(root))
        build_data["artifacts"] += ["dianke/**/*.mo", "dianke/web/static/vendor/**"]
