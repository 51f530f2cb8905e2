"""Text messages by Alibaba Cloud."""

from dianke.integrations.aliyun.sms import register

__all__ = ["register"]
