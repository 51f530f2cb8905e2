"""Endpoints that take a file: how large a request to them may be, and what makes two of them the same.

Every other endpoint reads its whole body into memory, so requests to it are small. A file is spooled to disk while it
is read; it is digested from there in pieces, never held whole. Who may not call the endpoint is refused before a byte
of the file is read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from ninja import Router

from dianke.access.requests import Request
from dianke.core.errors import DiankeError

MEGABYTE = 1_000_000
#: What the other fields and the marks between the parts may take beside the file.
AROUND = MEGABYTE
_PIECE = 1 << 20
View = TypeVar("View", bound=Callable[..., Any])


class RequestTooLarge(DiankeError):
    """More bytes than the endpoint takes; nothing of them was read."""

    code = "too_large"
    status = 413
    message = _("The request is too large. Send at most %(limit)s MB at once.")


@dataclass(frozen=True, slots=True)
class Upload:
    """An endpoint that takes a file of at most `up_to` bytes. `check` is its guard."""

    up_to: int
    check: Callable[[Request], None]


_UPLOADS: dict[tuple[str, str], Upload] = {}


def takes_file(*, up_to: int) -> Callable[[View], View]:
    """Marks an endpoint that takes a multipart form with a file of at most `up_to` bytes; stands below its guard."""

    def mark(view: View) -> View:
        view.takes_file = up_to  # type: ignore[attr-defined]
        return view

    return mark


def note_uploads(prefix: str, router: Router) -> None:
    """Remember the marked endpoints of a router, which carry a guard, by the route under which requests will come."""
    for path, views in router.path_operations.items():
        parts_of_route = f"{prefix}/{path}".replace("{", "<").replace("}", ">").split("/")
        route = "/".join(part for part in parts_of_route if part)
        for endpoint in views.operations:
            view: Any = endpoint.view_func
            if up_to := getattr(view, "takes_file", 0):
                _UPLOADS.update(
                    {(method, route): Upload(up_to, view.access_check) for method in endpoint.methods}
                )


def upload_of(request: Request) -> Upload | None:
    """The endpoint's own rules if the request goes to one that takes a file. Raises what its guard raises."""
    match = request.resolver_match
    found = _UPLOADS.get((request.method or "", match.route)) if match else None
    if found:
        found.check(request)
    return found


def refuse_too_large(request: Request, upload: Upload | None) -> None:
    """Raises `RequestTooLarge` by the length the request says it has; the server reads no more than that."""
    usual = settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0
    most = upload.up_to + AROUND if upload else usual
    length = request.META.get("CONTENT_LENGTH") or "0"
    if length.isdecimal() and int(length) > most:
        raise RequestTooLarge(limit=(upload.up_to if upload else usual) // MEGABYTE)


def parts(request: Request) -> Iterator[bytes]:
    """What a form with files says: names, values, and each file by its digest. The mark between the parts, which
    programs choose anew for every try, is not part of it."""
    for name in sorted(request.POST):
        for value in request.POST.getlist(name):
            yield from (b"field", name.encode(), value.encode())
    for name in sorted(request.FILES):
        for file in request.FILES.getlist(name):
            digest = hashlib.sha256()
            for piece in file.chunks(_PIECE):
                digest.update(piece)
            yield from (b"file", name.encode(), (file.name or "").encode(), digest.digest())
