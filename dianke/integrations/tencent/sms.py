"""SendSms and PullSmsSendStatusByPhoneNumber of Tencent Cloud (API 2021-01-11). `SessionContext` is our identity of
a message: by it one that got no answer is found again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy as _

from dianke.integrations.http import Reply, post
from dianke.integrations.sms import CALLBACK_FIELD, SmsCarrier
from dianke.integrations.tencent.signing import authorization
from dianke.messaging.queries.carriers import register_carrier
from dianke.messaging.rules.carriers import Access, AccessField, Answer, Item, Outcome

ENDPOINT = "https://sms.tencentcloudapi.com"
VERSION = "2021-01-11"
_TYPE = "application/json; charset=utf-8"
_LATER = ("LimitExceeded.", "RequestLimitExceeded")
_NOBODY = ("InvalidParameterValue.IncorrectPhoneNumber", "FailedOperation.PhoneNumberInBlacklist")


def call(access: Access, action: str, content: Mapping[str, Any], *, now: datetime) -> Reply:
    """One signed request. Raises `NotReached`, `Unanswered`."""
    url = str(access.get("endpoint") or ENDPOINT).rstrip("/")
    body = json.dumps(content, ensure_ascii=False).encode()
    host = urlsplit(url).netloc
    timestamp = int(now.timestamp())
    headers = {
        "Authorization": authorization(
            key_id=str(access["key_id"]),
            secret=str(access["secret"]),
            service="sms",
            headers={"content-type": _TYPE, "host": host, "x-tc-action": action},
            body=body,
            timestamp=timestamp,
        ),
        "Content-Type": _TYPE,
        "Host": host,
        "X-TC-Action": action,
        "X-TC-Version": VERSION,
        "X-TC-Timestamp": str(timestamp),
        "X-TC-Region": str(access.get("region") or "ap-guangzhou"),
    }
    return post(f"{url}/", headers=headers, body=body)


def ask(access: Access, item: Item, now: datetime) -> Reply:
    content = {
        "PhoneNumberSet": [item.to],
        "SmsSdkAppId": str(access["app_id"]),
        "SignName": item.signature or str(access["sign_name"]),
        "TemplateId": item.approved_code,
        # Their templates have places {1}, {2}: ours in the order in which they stand in the text.
        "TemplateParamSet": list(item.values.values()),
        "SessionContext": item.uid,
    }
    return call(access, "SendSms", content, now=now)


def read(reply: Reply) -> Answer:
    response: Mapping[str, Any] = reply.data.get("Response") or {}
    error = response.get("Error") or {}
    rows = response.get("SendStatusSet") or [{}]
    code = str(error.get("Code") or rows[0].get("Code") or reply.status)
    if code == "Ok":
        return Answer(Outcome.SENT, carrier_id=str(rows[0].get("SerialNo", "")))
    outcome = Outcome.LATER if code.startswith(_LATER) else Outcome.REFUSED
    return Answer(outcome, detail=code, bad_address=code.startswith(_NOBODY[0]))


def find(access: Access, item: Item, sent_at: datetime, now: datetime) -> Answer:
    content = {
        "BeginTime": int((sent_at - timedelta(minutes=10)).timestamp()),
        "Offset": 0,
        "Limit": 100,
        "PhoneNumber": item.to,
        "SmsSdkAppId": str(access["app_id"]),
    }
    reply = call(access, "PullSmsSendStatusByPhoneNumber", content, now=now)
    response: Mapping[str, Any] = reply.data.get("Response") or {}
    if "PullSmsSendStatusSet" not in response:
        return Answer(Outcome.UNKNOWN, detail=str((response.get("Error") or {}).get("Code", reply.status)))
    for row in response["PullSmsSendStatusSet"] or []:
        if row.get("SessionContext") == item.uid:
            if row.get("ReportStatus") == "SUCCESS":
                return Answer(Outcome.DELIVERED, carrier_id=str(row.get("SerialNo", "")))
            return Answer(Outcome.REFUSED, detail=str(row.get("Description", ""))[:200])
    # Only what was reported by the operators is told: soon after sending nothing may stand here yet.
    is_early = now - sent_at < timedelta(hours=1)
    return Answer(Outcome.UNKNOWN if is_early else Outcome.LATER, detail="not found")


def register() -> None:
    """Called once, when the apps are ready."""
    register_carrier(
        SmsCarrier(
            code="tencent",
            label=_("Tencent Cloud SMS"),
            help=_("Sends templates Tencent Cloud approved. It refuses most promotions of shops."),
            access_fields=(
                AccessField("key_id", "SecretId"),
                AccessField("secret", "SecretKey", is_secret=True),
                AccessField("app_id", "SmsSdkAppId"),
                AccessField("sign_name", _("Approved signature")),
                AccessField("region", _("Region"), default="ap-guangzhou", is_needed=False),
                AccessField("endpoint", _("Address of the service"), default=ENDPOINT, is_needed=False),
                CALLBACK_FIELD,
            ),
            place=lambda number, _name: f"{{{number}}}",
            ask=ask,
            read=read,
            find=find,
        )
    )
