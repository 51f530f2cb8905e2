"""SendSms and QuerySendDetails of Alibaba Cloud (API 2017-05-25). `OutId` is our identity of a message: by it one
that got no answer is found again."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy as _

from dianke.integrations.aliyun.signing import authorization, query_of
from dianke.integrations.http import Reply, post
from dianke.integrations.sms import CALLBACK_FIELD, SmsCarrier
from dianke.messaging.queries.carriers import register_carrier
from dianke.messaging.rules.carriers import Access, AccessField, Answer, Item, Outcome

ENDPOINT = "https://dysmsapi.aliyuncs.com"
VERSION = "2017-05-25"
_BEIJING = timezone(timedelta(hours=8))
_LATER = frozenset({"isv.BUSINESS_LIMIT_CONTROL", "isv.DAY_LIMIT_CONTROL", "Throttling.User", "Throttling"})
_NOBODY = frozenset({"isv.MOBILE_NUMBER_ILLEGAL", "MOBILE_NOT_ON_SERVICE", "NOT_EXIST"})


def call(access: Access, action: str, parameters: Mapping[str, str], *, now: datetime) -> Reply:
    """One signed request. Raises `NotReached`, `Unanswered`."""
    url = str(access.get("endpoint") or ENDPOINT).rstrip("/")
    query = query_of(parameters)
    headers = {
        "host": urlsplit(url).netloc,
        "x-acs-action": action,
        "x-acs-version": VERSION,
        "x-acs-date": now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "x-acs-signature-nonce": secrets.token_hex(16),
        "x-acs-content-sha256": hashlib.sha256(b"").hexdigest(),
    }
    headers["authorization"] = authorization(
        key_id=str(access["key_id"]),
        secret=str(access["secret"]),
        method="POST",
        path="/",
        query=query,
        headers=headers,
        body=b"",
    )
    return post(f"{url}/?{query}", headers=headers, body=b"")


def _national(phone: str) -> str:
    """As the service wants numbers: of the mainland without the country code, others without the plus."""
    return phone.removeprefix("+86") if phone.startswith("+86") else phone.removeprefix("+")


def ask(access: Access, item: Item, now: datetime) -> Reply:
    parameters = {
        "PhoneNumbers": _national(item.to),
        "SignName": item.signature or str(access["sign_name"]),
        "TemplateCode": item.approved_code,
        "OutId": item.uid,
    }
    if item.values:
        parameters["TemplateParam"] = json.dumps(dict(item.values), ensure_ascii=False)
    return call(access, "SendSms", parameters, now=now)


def read(reply: Reply) -> Answer:
    code = str(reply.data.get("Code", reply.status))
    if code == "OK":
        return Answer(Outcome.SENT, carrier_id=str(reply.data.get("BizId", "")))
    outcome = Outcome.LATER if code in _LATER else Outcome.REFUSED
    return Answer(outcome, detail=code, bad_address=code in _NOBODY)


def find(access: Access, item: Item, sent_at: datetime, now: datetime) -> Answer:
    parameters = {
        "PhoneNumber": _national(item.to),
        "SendDate": sent_at.astimezone(_BEIJING).strftime("%Y%m%d"),
        "PageSize": "50",
        "CurrentPage": "1",
    }
    reply = call(access, "QuerySendDetails", parameters, now=now)
    if reply.data.get("Code") != "OK":
        return Answer(Outcome.UNKNOWN, detail=str(reply.data.get("Code", reply.status)))
    rows: Any = (reply.data.get("SmsSendDetailDTOs") or {}).get("SmsSendDetailDTO") or []
    for row in rows:
        if row.get("OutId") == item.uid:
            status = str(row.get("SendStatus"))
            if status == "2":
                code = str(row.get("ErrCode", ""))
                return Answer(Outcome.REFUSED, detail=code, bad_address=code in _NOBODY)
            return Answer(Outcome.DELIVERED if status == "3" else Outcome.SENT)
    return Answer(Outcome.LATER, detail="not found")


def register() -> None:
    """Called once, when the apps are ready."""
    register_carrier(
        SmsCarrier(
            code="aliyun",
            label=_("Alibaba Cloud SMS"),
            help=_("Sends templates Alibaba Cloud approved; write their code into the template."),
            access_fields=(
                AccessField("key_id", "AccessKey ID"),
                AccessField("secret", "AccessKey Secret", is_secret=True),
                AccessField("sign_name", _("Approved signature")),
                AccessField("endpoint", _("Address of the service"), default=ENDPOINT, is_needed=False),
                CALLBACK_FIELD,
            ),
            place=lambda _number, name: f"${{{name}}}",
            ask=ask,
            read=read,
            find=find,
        )
    )
