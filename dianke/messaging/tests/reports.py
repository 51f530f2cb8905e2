"""What mail servers send back, as they write it: Postfix, Exchange, QQ Mail, NetEase, a feedback loop."""

from __future__ import annotations

import base64
from email.header import Header

UID = "01937c3a-0000-7000-8000-000000000001"


def dsn(
    uid: str = UID, *, status: str = "5.1.1", action: str = "failed", said: str = "", to: str = ""
) -> bytes:
    """RFC 3464, as Postfix and Exchange write it."""
    said = said or f"550 {status} <fang@example.com>: Recipient address rejected: User unknown"
    return f"""Return-Path: <>
From: MAILER-DAEMON@mx.example (Mail Delivery System)
To: {to or "news@shop.example"}
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain; charset=us-ascii

This is the mail system at host mx.example.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example
Arrival-Date: Sat, 21 Nov 2026 14:30:00 +0800 (CST)

Final-Recipient: rfc822; fang@example.com
Original-Recipient: rfc822;fang@example.com
Action: {action}
Status: {status}
Diagnostic-Code: smtp; {said}

--b
Content-Type: text/rfc822-headers

Message-ID: <{uid}@shop.example>
Subject: x

--b--
""".replace("\n", "\r\n").encode()


SUBJECT = "系统退信/Systems bounce"


def in_words(text: str, *, to: str, sender: str = "PostMaster@qq.com", path: str = "<>") -> bytes:
    """A page of words, as QQ Mail and NetEase send it: HTML in GB18030, base64, nothing a machine was meant to read."""
    body = base64.encodebytes(f"<html><body><h2>{text}</h2></body></html>".encode("gb18030")).decode()
    return (
        f"Return-Path: {path}\r\nFrom: {sender}\r\nTo: {to}\r\nSubject: {Header(SUBJECT, 'utf-8').encode()}\r\n"
        "MIME-Version: 1.0\r\nContent-Type: text/html; charset=gb18030\r\n"
        f"Content-Transfer-Encoding: base64\r\n\r\n{body}"
    ).encode()


def complaint(uid: str = UID, *, kind: str = "abuse") -> bytes:
    """RFC 5965."""
    return f"""From: <feedback@mailbox.example>
To: <news@shop.example>
Subject: FW: x
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="b"

--b
Content-Type: text/plain

This is an email abuse report.

--b
Content-Type: message/feedback-report

Feedback-Type: {kind}
User-Agent: Loop/1.0
Version: 1

--b
Content-Type: message/rfc822

From: news@shop.example
Message-ID: <{uid}@shop.example>
Subject: x

Hello.

--b--
""".replace("\n", "\r\n").encode()
