"""`Idempotency-Key`: a request repeated under its key gets the first answer and changes nothing again.

The key is claimed in a transaction of its own; the request then runs in one transaction with the storing of
its answer, so a crash leaves either both or neither. A claim without answer is taken over after the lease.
Rules after Stripe's: at most 255 characters, another request under the same key is refused (422), a repeat
while the first runs is 409, server errors are stored too; what was refused before it ran (401, 403, 404, 409,
422, 429) is not stored and may be corrected and sent again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from dianke.api.models import IdempotentAnswer
from dianke.core.errors import Conflict, InvalidInput

HEADER = "Idempotency-Key"
LEASE = timedelta(seconds=60)
KEPT = timedelta(days=30)
_NOT_STORED = {401, 403, 404, 405, 409, 413, 415, 422, 429}


class KeyNotUsable(InvalidInput):
    code = "idempotency_key_not_usable"
    message = _("The idempotency key must have 1 to 255 visible characters.")
    default_field = HEADER


class KeyUsedForAnotherRequest(InvalidInput):
    code = "idempotency_key_reused"
    message = _("This idempotency key was used for another request. Use a new key for a new request.")
    default_field = HEADER


class RequestUnderWay(Conflict):
    code = "request_under_way"
    message = _("The first request with this key is still running. Try again in a moment.")


def applies(request: HttpRequest) -> bool:
    """Whether the request changes something and carries a key."""
    return request.method in {"POST", "PUT", "PATCH", "DELETE"} and HEADER in request.headers


def _scope(request: HttpRequest) -> str:
    key = getattr(request, "api_key", "")
    if key:
        return "key:" + hashlib.sha256(key.encode()).hexdigest()[:64]
    return f"user:{request.user.pk}" if request.user.is_authenticated else ""


def _fingerprint(request: HttpRequest) -> bytes:
    digest = hashlib.sha256()
    for part in ((request.method or "").encode(), request.get_full_path().encode(), request.body):
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.digest()


def run_once(request: HttpRequest, run: Callable[[], HttpResponse]) -> HttpResponse:
    """Run the request, or return the stored answer of its key (marked `Idempotent-Replayed: true`).

    Raises `KeyNotUsable`, `KeyUsedForAnotherRequest`, `RequestUnderWay`.
    """
    key, scope, fingerprint = request.headers[HEADER], _scope(request), _fingerprint(request)
    if not scope:
        return run()  # nobody is signed in: the view refuses
    if not 0 < len(key) <= 255 or not key.isprintable():
        raise KeyNotUsable
    now = request.now  # type: ignore[attr-defined]
    with transaction.atomic():
        IdempotentAnswer.objects.bulk_create(
            [IdempotentAnswer(scope=scope, key=key, request_hash=fingerprint, locked_at=now - 2 * LEASE)],
            ignore_conflicts=True,
        )
        answer = IdempotentAnswer.objects.select_for_update().get(scope=scope, key=key)
        if bytes(answer.request_hash) != fingerprint:
            raise KeyUsedForAnotherRequest
        if answer.status is not None:
            stored = HttpResponse(bytes(answer.body), status=answer.status, content_type=answer.content_type)
            stored["Idempotent-Replayed"] = "true"
            return stored
        if answer.locked_at > now - LEASE:
            raise RequestUnderWay
        answer.locked_at = now
        answer.save(update_fields=["locked_at"])
    try:
        with transaction.atomic():
            # The row lock makes a second claimant (lease over, first still running) wait and then see the answer.
            held = IdempotentAnswer.objects.select_for_update().get(pk=answer.pk)
            if held.status is not None:
                raise RequestUnderWay
            response = run()
            if response.status_code >= 400:
                raise _Refused(response)
            _store(answer.pk, response)
        return response
    except _Refused as refused:
        if refused.response.status_code in _NOT_STORED:
            IdempotentAnswer.objects.filter(pk=answer.pk, status=None).delete()
        else:
            _store(answer.pk, refused.response)
        return refused.response


class _Refused(Exception):
    """Carries an error answer out of the transaction, which is rolled back."""

    def __init__(self, response: HttpResponse) -> None:
        super().__init__()
        self.response = response


def _store(pk: int, response: HttpResponse) -> None:
    IdempotentAnswer.objects.filter(pk=pk).update(
        status=response.status_code, content_type=response["Content-Type"], body=response.content
    )
