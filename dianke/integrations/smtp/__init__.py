"""Emails over a mail server of one's own choice: a kept connection, signed (DKIM), with a way out in one click."""

from dianke.integrations.smtp.carrier import register

__all__ = ["register"]
