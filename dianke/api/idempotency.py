"""`Idempotency-Key`: a request repeated under its key gets the first answer and changes nothing again.

The key is noted first, in a transaction of its own. The request then runs in one transaction with the storing of its
answer, holding the lock of the key's row: a crash leaves either both or neither, and the lock goes with the process
that held it, so the next try simply runs. Whoever finds the row locked is told that the first is under way.

Rules after Stripe's: at most 255 characters, another request under the same key is refused (422), a repeat while the
first runs is 409, failures of the server are stored too. What was refused before it changed anything (401, 403, 404,
409, 422, 429) or asks to be tried again (503) is not stored: it may be corrected and sent again under its key.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import OperationalError, transaction
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _

from dianke.access.requests import Request
from dianke.api.models import IdempotentAnswer
from dianke.api.uploads import parts
from dianke.core.errors import Conflict, InvalidInput

HEADER = "Idempotency-Key"
REPLAYED = "Idempotent-Replayed"
KEPT = timedelta(days=30)
MAX_LENGTH = 255
_CHANGING = {"POST", "PUT", "PATCH", "DELETE"}
_NOT_STORED = {400, 401, 403, 404, 405, 409, 413, 415, 422, 429, 503}
_TRIES = 5


class KeyNotUsable(InvalidInput):
    code = "idempotency_key_not_usable"
    message = _("The idempotency key must have 1 to 255 visible ASCII characters, without blanks.")
    default_field = HEADER


class KeyUsedForAnotherRequest(InvalidInput):
    code = "idempotency_key_reused"
    message = _("This idempotency key was used for another request. Use a new key for a new request.")
    default_field = HEADER


class RequestUnderWay(Conflict):
    code = "request_under_way"
    message = _("The first request with this key is still running. Try again in a moment.")


def applies(request: Request) -> bool:
    """Whether the request changes something and carries a key."""
    return request.method in _CHANGING and HEADER in request.headers


def run_once(request: Request, run: Callable[[], HttpResponse], *, takes_file: bool = False) -> HttpResponse:
    """Run the request, or return the stored answer of its key (marked `Idempotent-Replayed: true`).

    A request to an endpoint that takes a file is told by its fields and the digest of the file, not by its body.
    Raises `KeyNotUsable`, `KeyUsedForAnotherRequest`, `RequestUnderWay`. Keys are apart per caller; of somebody
    not signed in nothing is kept, as the endpoint refuses.
    """
    actor, key = request.actor, request.headers[HEADER]
    if actor.is_anonymous:
        return run()
    if not 0 < len(key) <= MAX_LENGTH or not all("!" <= letter <= "~" for letter in key):
        raise KeyNotUsable
    scope, fingerprint = f"{actor.kind.value}:{actor.id}", _fingerprint(request, takes_file)
    for _try in range(_TRIES):
        IdempotentAnswer.objects.bulk_create(
            [IdempotentAnswer(scope=scope, key=key, request_hash=fingerprint, created_at=request.now)],
            ignore_conflicts=True,
        )
        try:
            return _run_locked(scope, key, fingerprint, run)
        except IdempotentAnswer.DoesNotExist:
            continue  # the one before was refused just now and its note removed: note it anew
    raise RequestUnderWay


def _run_locked(scope: str, key: str, fingerprint: bytes, run: Callable[[], HttpResponse]) -> HttpResponse:
    pk = 0
    try:
        with transaction.atomic():
            noted = _locked(scope, key)
            pk = noted.pk
            if bytes(noted.request_hash) != fingerprint:
                raise KeyUsedForAnotherRequest
            if noted.status is not None:
                stored = HttpResponse(noted.body or "", status=noted.status, content_type=noted.content_type)
                stored[REPLAYED] = "true"
                return stored
            response = run()
            if response.status_code >= 400:
                raise _Refused(response)
            _store(pk, response)
        return response
    except _Refused as refused:
        # Whatever the request wrote before it was refused is rolled back by now.
        if refused.response.status_code in _NOT_STORED:
            IdempotentAnswer.objects.filter(pk=pk, status=None).delete()
        else:
            _store(pk, refused.response)
        return refused.response


def _locked(scope: str, key: str) -> IdempotentAnswer:
    try:
        return IdempotentAnswer.objects.select_for_update(nowait=True).get(scope=scope, key=key)
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", "") == "55P03":  # lock not available
            raise RequestUnderWay from error
        raise


class _Refused(Exception):
    """Carries an error answer out of the transaction, which is rolled back."""

    def __init__(self, response: HttpResponse) -> None:
        super().__init__()
        self.response = response


def _store(pk: int, response: HttpResponse) -> None:
    answer = IdempotentAnswer.objects.filter(pk=pk, status=None).first()
    if answer is not None:
        answer.status, answer.content_type = response.status_code, response.get("Content-Type", "")
        answer.body = response.content.decode() or None
        answer.save(update_fields=["status", "content_type", "body"])


def _fingerprint(request: Request, takes_file: bool) -> bytes:
    digest = hashlib.sha256()
    body = parts(request) if takes_file else (request.body,)
    for part in ((request.method or "").encode(), request.get_full_path().encode(), *body):
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.digest()


def forget_old(now: datetime) -> int:
    """Remove answers after their time; returns how many."""
    return IdempotentAnswer.objects.filter(created_at__lt=now - KEPT).delete()[0]
