"""Which files are the snapshot: one small file that is replaced at once, so that readers see the old or the new.

Files are named by what is in them and never change; those of the snapshot before stay for readers who began with it.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from django.conf import settings

from dianke.events.commit_order import BEGINNING, Position


@dataclass(frozen=True, slots=True)
class Piece:
    """One Parquet file: a month of a table, or all of it (`part` "all")."""

    table: str
    part: str
    name: str
    row_count: int
    digest: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """`made_by` names the shape and the engine: files of another one are not mixed with ours."""

    position: Position = BEGINNING
    made_by: str = ""
    taken_at: str = ""
    pieces: tuple[Piece, ...] = ()
    before: tuple[str, ...] = field(default=())

    @property
    def content(self) -> str:
        """Equal contents have equal values, whichever way they were made."""
        told = sorted((piece.table, piece.part, piece.digest) for piece in self.pieces)
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()

    def of(self, table: str) -> dict[str, Piece]:
        """By part, in order."""
        found = {piece.part: piece for piece in self.pieces if piece.table == table}
        return dict(sorted(found.items()))

    @property
    def row_count(self) -> int:
        return sum(piece.row_count for piece in self.pieces)


def home() -> Path:
    """Where this merchant's snapshots lie."""
    return Path(settings.DIANKE_DATA) / "insight" / "snapshot"


def read(place: Path) -> Manifest | None:
    """What stands; None before the first one."""
    try:
        told = json.loads((place / "manifest.json").read_bytes())
    except FileNotFoundError:
        return None
    return Manifest(
        Position(*told["position"]),
        told["made_by"],
        told["taken_at"],
        tuple(Piece(**piece) for piece in told["pieces"]),
        tuple(told["before"]),
    )


def put(place: Path, manifest: Manifest) -> None:
    """Put it in place, on the disk, at once; then let go of the files nobody can be reading any more."""
    text = json.dumps(_told(manifest), indent=1, sort_keys=True)
    fresh = place / "manifest.new"
    with fresh.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(place / "manifest.json")
    kept = {piece.name for piece in manifest.pieces} | set(manifest.before)
    for path in (place / "files").glob("*.parquet"):
        if path.name not in kept:
            path.unlink(missing_ok=True)


def _told(manifest: Manifest) -> Mapping[str, object]:
    return asdict(manifest) | {"position": list(manifest.position)}
