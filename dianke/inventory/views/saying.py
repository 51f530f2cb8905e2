"""Alerts in a sentence: the facts of the last look, for boards, pages and Today."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from dianke.inventory.models import StockAlert
from dianke.inventory.views.addresses import shown

TONES: dict[str, str] = {"LOW": "wait", "EXPIRING": "wait", "SLOW": "off", "NEGATIVE": "bad"}


def alert_text(alert: StockAlert) -> str:
    """What is the matter, with the figures."""
    facts = alert.facts or {}
    match alert.kind:
        case StockAlert.Kind.LOW:
            there = _figure(facts.get("free")) + _figure(facts.get("incoming"))
            return _("%(there)s there or coming, should be at least %(minimum)s; %(missing)s missing") % {
                "there": shown(there),
                "minimum": shown(_figure(facts.get("minimum"))),
                "missing": shown(alert.quantity),
            }
        case StockAlert.Kind.EXPIRING:
            left = int(facts.get("days") or 0)
            text = (
                _("%(quantity)s expired on %(day)s")
                if left < 0
                else _("%(quantity)s expire on %(day)s, in %(days)s days")
            )
            return text % {
                "quantity": shown(alert.quantity),
                "day": _day(facts.get("expires_on")),
                "days": left,
            }
        case StockAlert.Kind.SLOW:
            return _("%(quantity)s lie there, none sold for %(days)s days") % {
                "quantity": shown(alert.quantity),
                "days": facts.get("days", ""),
            }
    return _("%(quantity)s more went out than came in") % {"quantity": shown(alert.quantity)}


def _figure(text: str | None) -> Decimal:
    return Decimal(text or 0)


def _day(text: str | None) -> str:
    try:
        return date.fromisoformat(text or "").isoformat()
    except ValueError:
        return ""
