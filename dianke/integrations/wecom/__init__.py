"""WeCom: an employee gets a task and sends the message to the customer by one tap."""

from dianke.integrations.wecom.carrier import register

__all__ = ["register"]
