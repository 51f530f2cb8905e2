"""What WeCom posts: the question whether this address is ours, and who took an employee off their contacts or came
back. Signed with the token and encrypted with the key of the event server, as WeChat does it."""

from __future__ import annotations

from collections.abc import Mapping

from django.http import Http404, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from dianke.access.guards import public
from dianke.access.requests import Request
from dianke.core.actor import SYSTEM
from dianke.integrations.wechat.callbacks import check_time, fields_of, stamps
from dianke.integrations.wechat.crypto import NotFromWeChat, check_signature, opened
from dianke.messaging import operations
from dianke.messaging.models import Channel, ChannelSetting, Suppression
from dianke.messaging.rules.carriers import Access

_LEFT = frozenset({"del_follow_user"})
_CAME = frozenset({"add_external_contact", "add_half_external_contact"})


@public(
    "posted by WeCom; every request is signed with the token of the event server and encrypted with its key"
)
@csrf_exempt
@never_cache
@require_http_methods(["GET", "POST"])
def wecom_callback(request: Request) -> HttpResponse:
    """Answers the question of the settings with what was encrypted in it, and an event with “success”. What is signed
    by nobody we know finds no such address."""
    setting = ChannelSetting.objects.filter(channel=Channel.WECOM, carrier="wecom").first()
    access: Access = dict(setting.access or {}) if setting else {}
    if not access.get("callback_token") or not access.get("aes_key"):
        raise Http404
    try:
        check_time(request)
        if request.method == "GET":
            return HttpResponse(
                _opened(request, access, request.GET.get("echostr", "")), content_type="text/plain"
            )
        event = fields_of(_opened(request, access, fields_of(request.body).get("Encrypt", "")))
    except NotFromWeChat as error:
        raise Http404 from error
    _take(event, request)
    return HttpResponse("success", content_type="text/plain")


def _opened(request: Request, access: Access, encrypted: str) -> bytes:
    token = str(access["callback_token"])
    check_signature(request.GET.get("msg_signature", ""), token, *stamps(request), encrypted)
    return opened(encrypted, aes_key=str(access["aes_key"]), receiver=str(access["corp_id"]))


def _take(event: Mapping[str, str], request: Request) -> None:
    """A customer who took the employee off wants nothing more there; one who adds somebody again may be written to.
    That an employee took a customer off says nothing of what the customer wants."""
    customer = event.get("ExternalUserID", "")
    if event.get("Event") != "change_external_contact" or not customer:
        return
    if event.get("ChangeType") in _LEFT:
        operations.suppress(
            channel=Channel.WECOM,
            address=customer,
            why=Suppression.Why.LEFT,
            actor=SYSTEM,
            now=request.now,
        )
    elif event.get("ChangeType") in _CAME:
        operations.note_return(channel=Channel.WECOM, address=customer, actor=SYSTEM, now=request.now)
