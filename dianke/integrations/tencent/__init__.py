"""Text messages by Tencent Cloud."""

from dianke.integrations.tencent.sms import register

__all__ = ["register"]
