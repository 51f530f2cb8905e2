"""What WeChat posts: the question whether this address is ours, and what became of messages. Everything is signed with
the token of the account, and encrypted where the account is set to the secure mode."""

from __future__ import annotations

from collections.abc import Mapping
from xml.etree import ElementTree

from django.http import Http404, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from dianke.access.guards import public
from dianke.access.requests import Request
from dianke.core.actor import SYSTEM
from dianke.integrations.wechat.crypto import NotFromWeChat, check_signature, opened
from dianke.messaging import operations
from dianke.messaging.models import Channel, ChannelSetting, Message
from dianke.messaging.rules.carriers import Access

FRESH_SECONDS = 600
_BLOCKED = "failed:user block"


@public("posted by WeChat; every request carries a signature made with the token of the account")
@csrf_exempt
@never_cache
@require_http_methods(["GET", "POST"])
def wechat_callback(request: Request) -> HttpResponse:
    """Answers the question of the settings with what it came with, and an event with “success”. What is signed by
    nobody we know finds no such address."""
    setting = ChannelSetting.objects.filter(channel=Channel.WECHAT, carrier="wechat").first()
    access: Access = dict(setting.access or {}) if setting else {}
    token = str(access.get("callback_token") or "")
    if not token:
        raise Http404
    try:
        check_time(request)
        if request.method == "GET":
            echo = request.GET.get("echostr", "")
            check_signature(request.GET.get("signature", ""), token, *stamps(request))
            return HttpResponse(echo, content_type="text/plain")
        event = _event(request, access, token)
    except NotFromWeChat as error:
        raise Http404 from error
    _take(event, request)
    return HttpResponse("success", content_type="text/plain")


def stamps(request: Request) -> tuple[str, str]:
    """What is signed beside the message."""
    return request.GET.get("timestamp", ""), request.GET.get("nonce", "")


def check_time(request: Request) -> None:
    """Raises `NotFromWeChat` for what was signed long ago."""
    stamp = request.GET.get("timestamp", "")
    if not stamp.isdecimal() or abs(request.now.timestamp() - int(stamp[:12])) > FRESH_SECONDS:
        raise NotFromWeChat("time")


def _event(request: Request, access: Access, token: str) -> Mapping[str, str]:
    fields = fields_of(request.body)
    encrypted = fields.get("Encrypt")
    if access.get("aes_key"):
        if not encrypted:
            raise NotFromWeChat("not encrypted")
        check_signature(request.GET.get("msg_signature", ""), token, *stamps(request), encrypted)
        return fields_of(opened(encrypted, aes_key=str(access["aes_key"]), receiver=str(access["app_id"])))
    check_signature(request.GET.get("signature", ""), token, *stamps(request))
    return fields


def fields_of(body: bytes) -> dict[str, str]:
    """The fields of a message, one level deep. Raises `NotFromWeChat`; a document type, which WeChat never sends and
    which could grow without end, is none of theirs."""
    if b"<!" in body.replace(b"<![CDATA[", b""):
        raise NotFromWeChat("document type")
    try:
        root = ElementTree.fromstring(body)  # noqa: S314 - no document type, so no entities
    except ElementTree.ParseError as error:
        raise NotFromWeChat("XML") from error
    return {child.tag: (child.text or "").strip() for child in root}


def _take(event: Mapping[str, str], request: Request) -> None:
    if event.get("Event") != "TEMPLATESENDJOBFINISH" or not event.get("MsgID"):
        return
    row = Message.objects.filter(channel=Channel.WECHAT, carrier_id=event["MsgID"]).first()
    if row is None:
        return
    status = event.get("Status", "")
    operations.note_receipt(
        message=row,
        state="DELIVERED" if status == "success" else "FAILED",
        detail="" if status == "success" else status,
        bad_address=status.replace(": ", ":") == _BLOCKED,
        actor=SYSTEM,
        now=request.now,
    )
