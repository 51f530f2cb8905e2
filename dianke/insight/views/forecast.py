"""How far what models say may be trusted: which were tested on the last weeks, how well they did, which one speaks."""

from __future__ import annotations

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dianke.insight.models import SnapshotRun
from dianke.web.formats import number

MODELS: dict[str, Promise | str] = {
    "PARETO_NBD": "Pareto/NBD",
    "BG_NBD": "BG/NBD",
    "REGRESSION": gettext_lazy("Regression on recency and frequency"),
    "BLEND": gettext_lazy("Mean of Pareto/NBD and regression"),
    "OWN_RATE": gettext_lazy("Everybody goes on as before (for comparison)"),
}
REASONS = {
    "HISTORY_TOO_SHORT": gettext_lazy("There are purchases of %(have)s days; %(need)s are needed."),
    "TOO_FEW_PEOPLE": gettext_lazy(
        "%(have)s customers bought early enough to test a forecast on; %(need)s are needed."
    ),
    "TOO_FEW_RETURNING": gettext_lazy("%(have)s customers came a second time; %(need)s are needed."),
    "TOO_FEW_OUTCOMES": gettext_lazy(
        "Too many did the same lately: %(have)s came again or stayed away; %(need)s of each are needed."
    ),
    "NOT_FITTED": gettext_lazy("No model fits these purchases."),
}


def forecast() -> dict[str, Any] | None:
    """For the card of the page, of the last run that scored everybody; None before the first. One statement."""
    found = SnapshotRun.objects.done().exclude(forecast={}).values_list("forecast", flat=True).first()
    if found is None:
        return None
    if lack := found.get("too_little"):
        return {
            "reason": REASONS[lack["reason"]] % {"have": number(lack["have"]), "need": number(lack["need"])}
        }
    return {
        "days": number(found["window_days"]),
        "is_doubtful": not found["is_better_than_naive"],
        "models": [
            {
                "label": MODELS[one["name"]],
                "error": f"{one['error']:.3f}",
                "area": f"{one['area']:.3f}",
                "expected": f"{one['expected']:.3f}",
                "observed": f"{one['observed']:.3f}",
                "speaks": [
                    word
                    for chosen, word in (
                        (found["purchases_by"], _("purchases and value")),
                        (found["risk_by"], _("risk")),
                    )
                    if chosen == one["name"]
                ],
            }
            for one in found["tested"]
        ],
    }
