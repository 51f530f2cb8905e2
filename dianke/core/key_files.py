"""How key files are read and written: by their owner only, whole or not at all, on disk when done."""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from dianke.core.errors import DiankeError


class KeyFileUnsafe(DiankeError):
    code = "key_file_unsafe"
    message = _(
        "Other users of this computer may read the key file %(place)s. Run: chmod 600 %(place)s. "
        "If strangers use this computer, change the keys as well (dianke keys rotate)."
    )


class KeyFileDamaged(DiankeError):
    code = "key_file_damaged"
    message = _("The key file %(place)s cannot be read: %(reason)s. Put it back from your backup.")


def read_private(path: Path) -> bytes:
    """The file's bytes, provided that nobody but its owner may read it."""
    with path.open("rb") as file:
        if stat.S_IMODE(os.fstat(file.fileno()).st_mode) & 0o077:
            raise KeyFileUnsafe(place=str(path))
        return file.read()


@contextlib.contextmanager
def locked(directory: Path) -> Iterator[None]:
    """Hold the directory's lock against other processes; the system frees it when this process dies."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(directory / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def create_once(path: Path, make: Callable[[], bytes]) -> None:
    """Write the file if it is not there; of two processes starting at once one writes, the other finds it."""
    if path.exists():
        return
    with locked(path.parent):
        if not path.exists():
            replace_private(path, make())


def replace_private(path: Path, data: bytes) -> None:
    """Write whole or not at all, and on disk when this returns, even through a power cut. Hold the lock."""
    for left_over in path.parent.glob(
        f".{path.name}.*"
    ):  # of a writer that died; the lock says none is alive
        left_over.unlink()
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
