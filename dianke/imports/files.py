"""Where the file of a run lies, and opening it."""

from __future__ import annotations

import io
from pathlib import Path
from uuid import UUID

from django.conf import settings

from dianke.core.data_keys import open_data_key
from dianke.imports.models import ImportRun
from dianke.imports.reading import refusals
from dianke.imports.reading.sealed_files import open_sealed
from dianke.imports.reading.tables import Shape


def folder() -> Path:
    return Path(settings.MEDIA_ROOT) / "imports"


def path_of(uuid: UUID) -> Path:
    """Where the file of the run lies, there or not."""
    return folder() / f"{uuid}.sealed"


def opened(run: ImportRun) -> io.BufferedReader:
    """The file as it was uploaded. Raises `FileGone`, `DataKeyDestroyed`."""
    if not run.has_file:
        raise refusals.FileGone
    try:
        return open_sealed(path_of(run.uuid), open_data_key(run.data_key), run.uuid)
    except FileNotFoundError:
        raise refusals.FileGone from None


def shape_of(run: ImportRun) -> Shape:
    """How the file of the run is read."""
    return Shape(run.format, run.encoding, run.delimiter, run.sheet, run.header_row)
