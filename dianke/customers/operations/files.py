"""Files kept with a customer: a contract, a photo of the room, a measured drawing.

The bytes lie outside the database, sealed with the customer's key under a generated name, so that erasing the customer
erases them in every backup too. What a file is, is read from its first bytes, never believed from its name.
"""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.core.data_keys import open_data_key
from dianke.core.errors import InvalidInput, NotAllowed, NotFound
from dianke.core.ids import uuid7
from dianke.customers.models import Customer, CustomerFile
from dianke.customers.operations.writing import lock_customer
from dianke.events.operations import operation, record, unchanged

LARGEST_MB = 10
MOST_FILES = 100
#: Endings with the content type and what such a file begins with (at which byte).
KINDS: dict[str, tuple[str, tuple[bytes, ...], int]] = {
    "jpg": ("image/jpeg", (b"\xff\xd8\xff",), 0),
    "jpeg": ("image/jpeg", (b"\xff\xd8\xff",), 0),
    "png": ("image/png", (b"\x89PNG\r\n\x1a\n",), 0),
    "webp": ("image/webp", (b"WEBP",), 8),
    "heic": ("image/heic", (b"ftypheic", b"ftypheix", b"ftypmif1", b"ftypmsf1"), 4),
    "pdf": ("application/pdf", (b"%PDF-",), 0),
    "docx": (
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        (b"PK\x03\x04",),
        0,
    ),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", (b"PK\x03\x04",), 0),
}
#: Shown in the browser; everything else is only handed out as a download.
PICTURES = frozenset({"image/jpeg", "image/png", "image/webp"})


class FileMissing(InvalidInput):
    code = "customer_file_missing"
    message = _("Choose a file first.")
    default_field = "file"


class FileTooLarge(InvalidInput):
    code = "customer_file_too_large"
    message = _("This file has more than %(limit)s MB. Make it smaller, or keep only the pages that matter.")
    default_field = "file"


class FileKindRefused(InvalidInput):
    code = "customer_file_kind_refused"
    message = _(
        "Pictures, PDF, Word and Excel files can be kept here. This file is none, or not what its name says."
    )
    default_field = "file"


class TooManyFiles(InvalidInput):
    code = "customer_files_too_many"
    message = _("A customer has at most %(limit)s files. Remove one that is no longer needed.")
    default_field = "file"


class FileNotFound(NotFound):
    code = "customer_file_not_found"
    message = _("This file was removed, or it is not among those you may see.")


class NotYourFile(NotAllowed):
    code = "customer_file_of_another"
    message = _("Only who added the file, or a manager, removes it.")


def checked_type(name: str, content: bytes) -> str:
    """The content type of a file, by its ending and its first bytes. Raises `FileKindRefused`."""
    ending = name.rpartition(".")[2].casefold()
    content_type, beginnings, offset = KINDS.get(ending, ("", (), 0))
    if not any(content[offset:].startswith(beginning) for beginning in beginnings):
        raise FileKindRefused
    return content_type


def place_of(file: CustomerFile) -> Path:
    """Where the sealed bytes lie."""
    name = file.uuid.hex
    return Path(settings.MEDIA_ROOT) / "customers" / name[-2:] / name


def read_file(file: CustomerFile) -> bytes:
    """The content in the clear. Raises `FileNotFound`, `DataKeyDestroyed`, `SealBroken`."""
    if file.removed_at is not None:
        raise FileNotFound
    try:
        sealed = place_of(file).read_bytes()
    except FileNotFoundError:
        raise FileNotFound from None
    return open_data_key(file.key).open(
        sealed, table="customers_customerfile", field="content", row=file.uuid
    )


@operation("customers.change_customers")
def add_file(*, customer: Customer, name: str, content: bytes, actor: Actor, now: datetime) -> CustomerFile:
    """Keep a file with the customer. Raises the errors above and those of `lock_customer`."""
    if not content:
        raise FileMissing
    if len(content) > LARGEST_MB * 1024 * 1024:
        raise FileTooLarge(limit=LARGEST_MB)
    content_type = checked_type(name, content)
    head = lock_customer(customer, actor)
    if CustomerFile.objects.filter(customer=head, removed_at=None).count() >= MOST_FILES:
        raise TooManyFiles(limit=MOST_FILES)
    file = CustomerFile(  # type: ignore[misc]
        uuid=uuid7(),
        key=head.key,
        customer=head,
        name=Path(name.replace("\\", "/")).name[-160:],
        content_type=content_type,
        size=len(content),
        added_by_id=actor.user_id,
        added_at=now,
    )
    _write(
        place_of(file),
        open_data_key(head.key).seal(content, table="customers_customerfile", field="content", row=file.uuid),
    )
    try:
        file.save()
        record(
            "customers.file_added",
            head,
            actor=actor,
            now=now,
            store_id=head.store_id,
            data={"file": file.pk, "content_type": content_type, "size": len(content)},
        )
    except BaseException:
        place_of(file).unlink(missing_ok=True)
        raise
    return file


def _write(path: Path, sealed: bytes) -> None:
    """Complete or not at all: written beside and moved into place."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_suffix(".part")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(sealed)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


@operation("customers.change_customers")
def remove_file(*, file: CustomerFile, actor: Actor, now: datetime) -> CustomerFile:
    """Remove a file for good. Raises `FileNotFound`, `NotYourFile` and the errors of `lock_customer`."""
    head = lock_customer(file.customer_id, actor)
    found = CustomerFile.objects.select_for_update(of=("self",)).filter(pk=file.pk).first()
    if found is None:
        raise FileNotFound
    if found.added_by_id != actor.user_id and not (
        actor.is_system or actor.can("customers.assign_customers")
    ):
        raise NotYourFile
    if found.removed_at is not None:
        unchanged()
        return found
    found.name, found.removed_at = None, now
    found.save(update_fields=["name", "removed_at"])
    place = place_of(found)
    transaction.on_commit(lambda: place.unlink(missing_ok=True))
    record(
        "customers.file_removed",
        head,
        actor=actor,
        now=now,
        store_id=head.store_id,
        data={"file": found.pk},
    )
    return found
