"""WeChat: templates a service account or a mini-program sends, and what WeChat posts back."""

from dianke.integrations.wechat.official import register

__all__ = ["register"]
