"""Proposals where customers are looked after: the words of their events, what stays and goes with a customer."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dianke.core.actor import Actor
from dianke.customers.operations.import_undo import register_follower, register_hold
from dianke.customers.queries.export import register_export
from dianke.customers.queries.export_tables import ExportPart, instant
from dianke.customers.queries.rights import ErasurePart, register_erasure
from dianke.events.registry import SubjectName, register_kind, register_subject
from dianke.insight.models import PROPOSE, VIEW, DeclinedProposal
from dianke.insight.operations.proposals import forget_proposals


def _names(keys: Collection[str], actor: Actor) -> Mapping[str, SubjectName]:
    return {key: SubjectName(_("What is proposed to customers")) for key in keys}


def _declined(customer_ids: Collection[int]) -> Iterable[dict[str, Any]]:
    rows = DeclinedProposal.objects.filter(customer__in=customer_ids).select_related("product")
    for row in rows.order_by("at", "pk"):
        yield {"product": row.product.name, "at": instant(row.at)}


def register() -> None:
    """Called once, when the app is ready."""
    register_kind(
        "insight.proposals_written",
        gettext_lazy("What to propose to %(people)s customers worked out"),
        permission=VIEW,
    )
    register_kind(
        "insight.proposal_declined", gettext_lazy("Not interested in a product"), permission=PROPOSE
    )
    register_kind(
        "insight.proposal_allowed", gettext_lazy("May be proposed a product again"), permission=PROPOSE
    )
    register_kind(
        "insight.proposals_ruled",
        gettext_lazy("What is never proposed changed: %(count)s categories"),
        permission=VIEW,
    )
    register_subject("insight.proposals", _names)
    register_export(
        ExportPart(
            "declined_proposals",
            gettext_lazy("Goods they do not want proposed"),
            {"product": gettext_lazy("Product"), "at": gettext_lazy("When")},
            _declined,
        )
    )
    register_erasure(
        ErasurePart(
            "proposals", gettext_lazy("What is proposed to them, and what they do not want"), forget_proposals
        )
    )
    register_hold("insight_declinedproposal", "customer_id")
    register_follower("insight_proposal")
