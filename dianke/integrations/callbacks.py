"""What vendors post to us: reports of text messages and what people answered. The secret in the address is theirs
and ours; the body is read like anything from outside."""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from dianke.access.guards import public
from dianke.access.requests import Request
from dianke.core.actor import SYSTEM
from dianke.messaging import operations
from dianke.messaging.models import Channel, ChannelSetting, Message
from dianke.messaging.operations.bounces import AddressUnknown

MOST_ROWS = 500
_OK = {"aliyun": {"code": 0, "msg": "ok"}, "tencent": {"result": 0, "errmsg": "OK"}}


@public("posted by the carrier of text messages; the secret in the address is what entitles")
@csrf_exempt
@never_cache
@require_POST
def sms_callback(request: Request, carrier: str, token: str) -> HttpResponse:
    """Reports and answers, in one address. What is about no message of ours is passed over."""
    setting = ChannelSetting.objects.filter(channel=Channel.SMS, carrier=carrier).first()
    secret = str((setting.access or {}).get("callback_token") or "") if setting else ""
    if carrier not in _OK or not secret or not hmac.compare_digest(secret.encode(), token.encode()):
        raise Http404
    for row in _rows(request):
        _take(row, request)
    return JsonResponse(_OK[carrier])


def _rows(request: HttpRequest) -> list[Mapping[str, Any]]:
    try:
        data = json.loads(request.body)
    except ValueError:
        return []
    rows = data if isinstance(data, list) else [data]
    return [row for row in rows[:MOST_ROWS] if isinstance(row, dict)]


def _take(row: Mapping[str, Any], request: Request) -> None:
    """A row of either vendor: what came back of a message, or what somebody wrote."""
    words = row.get("content", row.get("text"))
    if words is not None:
        phone = str(row.get("phone_number") or f"+{row.get('nationcode', '86')}{row.get('mobile', '')}")
        if operations.is_stop(str(words)):
            try:
                operations.suppress(channel="SMS", address=phone, why="REPLY", actor=SYSTEM, now=request.now)
            except AddressUnknown:
                return
        return
    message = _message(row)
    if message is None:
        return
    is_good = row.get("success") is True or row.get("report_status") == "SUCCESS"
    code = str(row.get("err_code") or row.get("errmsg") or "")
    operations.note_receipt(
        message=message,
        state="DELIVERED" if is_good else "FAILED",
        detail="" if is_good else code,
        bad_address=code in ("MOBILE_NOT_ON_SERVICE", "NOT_EXIST"),
        actor=SYSTEM,
        now=request.now,
    )


def _message(row: Mapping[str, Any]) -> Message | None:
    carrier_id = str(row.get("biz_id") or row.get("sid") or "")
    if not carrier_id:
        return None
    return Message.objects.filter(channel=Channel.SMS, carrier_id=carrier_id).first()
