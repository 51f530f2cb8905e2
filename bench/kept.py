"""Merchants that are made once and kept below the temporary directory for the next run, and the commands run inside
them."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


def kept_place(group: str, size: str, makers: Sequence[str], *, since: str = "") -> Path:
    """Where the merchant of this size lies. Other tables (a migration changed), other `makers` (modules of this folder
    that fill it) or another `since` (a month) make another one, and the earlier ones go."""
    shape = hashlib.sha256(since.encode())
    for path in [
        *sorted(ROOT.glob("dianke/*/migrations/0*.py")),
        *(ROOT / "bench" / name for name in makers),
    ]:
        shape.update(path.read_bytes())
    base = Path(tempfile.gettempdir()) / f"dianke-bench-{group}"
    wanted = base / f"{size}-{shape.hexdigest()[:12]}"
    for old in base.glob(f"{size}-*"):
        if old != wanted:
            shutil.rmtree(old, ignore_errors=True)
    if wanted.exists() and not (wanted / "filled").exists():
        shutil.rmtree(wanted)  # an earlier run was broken off
    return wanted


def kept_server(home: Path) -> tuple[Any, dict[str, str]]:
    """The running server of the merchant that is kept here, and the environment to ask it. Whoever asks stops it."""
    from dianke.core.database import Cluster

    home.mkdir(parents=True, exist_ok=True)
    home.chmod(0o711)  # the server may run as a user of its own
    cluster = Cluster(home / "postgres", profile="durable")
    return cluster, os.environ | {
        "DIANKE_DATA": str(home),
        "DATABASE_URL": cluster.ensure_started(),
        "DJANGO_SETTINGS_MODULE": os.environ.get("DJANGO_SETTINGS_MODULE", "dianke.config.settings"),
    }


def run_inside(
    module: str, arguments: Sequence[str], environment: dict[str, str], *, shown: bool = False
) -> str:
    """What a module of this folder prints when it is run with these words; its complaint is raised, or `shown` as it
    comes, for what tells how far it is."""
    command = [sys.executable, "-m", module, *arguments]
    complaint, limit = (None, None) if shown else (subprocess.PIPE, 3600)
    done = subprocess.run(
        command, env=environment, stdout=subprocess.PIPE, stderr=complaint, text=True, timeout=limit
    )
    if done.returncode:
        raise RuntimeError(f"{command}: {(done.stderr or '')[-3000:]}")
    return done.stdout
