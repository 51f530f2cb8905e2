"""Campaigns written down: drafted, changed while they are drafts, copied."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from secrets import token_hex
from typing import Any

from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.core.errors import Conflict, InvalidInput, NotAllowed
from dianke.events.changes import apply_changes, plain
from dianke.events.operations import operation, record, step, unchanged
from dianke.marketing.models import MANAGE, Campaign, CampaignStep, State, Variant, VariantText
from dianke.stores.models import Merchant, Store

MOST_VARIANTS = 4
COLUMNS = frozenset(
    {
        "name",
        "purpose",
        "segment_id",
        "exclude_segment_ids",
        "rest_days",
        "store_ids",
        "joins_until",
        "channels",
        "link_url",
        "control_bp",
        "is_once",
        "starts_at",
        "spread_minutes",
        "window_days",
        "prices",
        "budget_amount",
    }
)


class CampaignNotDraft(Conflict):
    code = "campaign_not_draft"
    message = _("“%(name)s” is “%(state)s”. Make it a draft again to change it, or copy it.")


class CampaignOfOtherStores(NotAllowed):
    code = "campaign_of_other_stores"
    message = _("Choose stores of yours: you may not make campaigns for the others.")
    default_field = "store_ids"


class CampaignStoreUnknown(InvalidInput):
    code = "campaign_store_unknown"
    message = _("One of these stores does not exist any more. Load the page again.")
    default_field = "store_ids"


class LinkNotSafe(InvalidInput):
    code = "campaign_link_not_safe"
    message = _("A link begins with https://. Copy it from the address bar.")
    default_field = "link_url"


class VariantsWrong(InvalidInput):
    code = "campaign_variants_wrong"
    message = _("A campaign has one to four variants, each with a share of at least 1.")
    default_field = "variants"


@dataclass(frozen=True, slots=True)
class VariantPlan:
    """What a variant is to be: its share, its kind of coupon, per channel the template that is said."""

    weight: int = 1
    coupon_kind_id: int | None = None
    templates: Mapping[str, int] = field(default_factory=dict)


@operation(MANAGE)
def draft_campaign(
    *, values: Mapping[str, Any], variants: Sequence[VariantPlan] = (), actor: Actor, now: datetime
) -> Campaign:
    """Write a campaign down. `values` are columns (`COLUMNS`), `variants` none for one that gives and says nothing yet.

    Raises `CampaignOfOtherStores`, `CampaignStoreUnknown`, `LinkNotSafe`, `VariantsWrong`.
    """
    campaign = Campaign(
        salt=token_hex(16),
        created_at=now,
        changed_at=now,
        made_by_id=actor.user_id,
        currency=_currency(),
    )
    for column, value in cleaned(values, actor).items():
        setattr(campaign, column, value)
    require_reach(campaign.store_ids, actor)
    campaign.save()
    put_variants(campaign, variants or [VariantPlan()])
    note_step(campaign, "", actor, now)
    record("marketing.campaign_drafted", campaign, actor=actor, now=now, data={"name": campaign.name})
    return campaign


@operation(MANAGE)
def change_campaign(
    *,
    campaign: Campaign,
    values: Mapping[str, Any],
    variants: Sequence[VariantPlan] | None = None,
    actor: Actor,
    now: datetime,
) -> Campaign:
    """Change a draft; without `variants` they stay as they are. What was approved or began is not changed: it is taken
    back first, and approved anew.

    Raises `CampaignNotDraft` and as `draft_campaign`.
    """
    campaign = locked(campaign)
    require_reach(campaign.store_ids, actor)
    if not campaign.is_changeable:
        raise CampaignNotDraft(name=campaign.name, state=campaign.get_state_display())
    columns = cleaned(values, actor)
    require_reach(columns.get("store_ids", campaign.store_ids), actor)
    changes = apply_changes(campaign, columns)
    if variants is not None and list(variants) != plans_of(campaign):
        before = [plain_plan(plan) for plan in plans_of(campaign)]
        put_variants(campaign, variants)
        changes["variants"] = [before, [plain_plan(plan) for plan in variants]]
    if not changes:
        unchanged()
        return campaign
    campaign.changed_at = now
    campaign.save(update_fields=["changed_at", "search_words"])
    record("marketing.campaign_changed", campaign, actor=actor, now=now, data={"changes": changes})
    return campaign


@operation(MANAGE)
def copy_campaign(
    *, campaign: Campaign, name: str, is_series: bool = True, actor: Actor, now: datetime
) -> Campaign:
    """A draft like it, without a moment. Of the same series (`is_series`) the same people are kept back and nobody is
    written to twice; else both are drawn anew."""
    require_reach(campaign.store_ids, actor)
    copy = Campaign(
        **{column: getattr(campaign, column) for column in COLUMNS - {"name", "starts_at", "joins_until"}},
        name=name.strip()[:40],
        salt=campaign.salt if is_series else token_hex(16),
        currency=campaign.currency,
        created_at=now,
        changed_at=now,
        made_by_id=actor.user_id,
    )
    copy.save()
    put_variants(copy, plans_of(campaign))
    note_step(copy, "", actor, now)
    record("marketing.campaign_copied", copy, also=[campaign], actor=actor, now=now, data={"name": copy.name})
    return copy


# --- parts -----------------------------------------------------------------------------------------------------------
def locked(campaign: Campaign) -> Campaign:
    """The campaign as it is now; whoever begins, pauses or hands over waits. First of all locks of this room."""
    found: Campaign = Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
    return found


def require_reach(store_ids: Collection[int], actor: Actor, permission: str = MANAGE) -> None:
    """Whoever reaches some stores makes campaigns for those. Raises `CampaignOfOtherStores`."""
    reached = actor.stores_for(permission)
    if reached is not None and (not store_ids or not set(store_ids) <= reached):
        raise CampaignOfOtherStores


def cleaned(values: Mapping[str, Any], actor: Actor) -> dict[str, Any]:
    """Columns ready to be set. Raises `LinkNotSafe`, `CampaignStoreUnknown`; `KeyError` for what is no column."""
    if not values.keys() <= COLUMNS:
        raise KeyError(sorted(values.keys() - COLUMNS))
    found = dict(values)
    if "name" in found:
        found["name"] = found["name"].strip()[:40]
    for column in ("store_ids", "exclude_segment_ids"):
        if column in found:
            found[column] = sorted(set(found[column]))
    stores = found.get("store_ids", [])
    if stores and Store.objects.filter(pk__in=stores).count() != len(stores):
        raise CampaignStoreUnknown
    if found.get("link_url") and not found["link_url"].startswith("https://"):
        raise LinkNotSafe
    if "prices" in found:
        found["prices"] = {channel: str(Decimal(price)) for channel, price in found["prices"].items()}
    return found


def plans_of(campaign: Campaign) -> list[VariantPlan]:
    """The variants as they stand."""
    return [
        VariantPlan(
            variant.weight,
            variant.coupon_kind_id,
            {text.channel: text.template_id for text in variant.texts.all()},
        )
        for variant in campaign.variants.prefetch_related("texts").order_by("position")
    ]


def plain_plan(plan: VariantPlan) -> dict[str, Any]:
    return {
        "weight": plan.weight,
        "coupon": plain(plan.coupon_kind_id),
        "templates": dict(sorted(plan.templates.items())),
    }


@step
def put_variants(campaign: Campaign, plans: Sequence[VariantPlan]) -> None:
    """These and no others. Raises `VariantsWrong`."""
    if not 1 <= len(plans) <= MOST_VARIANTS or any(plan.weight < 1 for plan in plans):
        raise VariantsWrong
    campaign.variants.all().delete()
    for position, plan in enumerate(plans):
        variant = Variant.objects.create(
            campaign=campaign,
            position=position,
            weight=plan.weight,
            coupon_kind_id=plan.coupon_kind_id,
        )
        VariantText.objects.bulk_create(
            VariantText(variant=variant, channel=channel, template_id=template)
            for channel, template in sorted(plan.templates.items())
        )


@step
def note_step(
    campaign: Campaign,
    before: str,
    actor: Actor,
    now: datetime,
    *,
    reason: str = "",
    data: Mapping[str, Any] | None = None,
) -> None:
    """One line of its history."""
    CampaignStep.objects.create(
        campaign=campaign,
        before=before,
        after=campaign.state,
        at=now,
        user_id=actor.user_id,
        reason=reason[:200],
        data=dict(data or {}),
    )


@step
def move(
    campaign: Campaign,
    state: State,
    actor: Actor,
    now: datetime,
    *,
    reason: str = "",
    data: Mapping[str, Any] | None = None,
    **values: Any,
) -> None:
    """To another state, with a line of history."""
    before = campaign.state
    apply_changes(campaign, {"state": state, **values})
    note_step(campaign, before, actor, now, reason=reason, data=data)


def _currency() -> str:
    merchant = Merchant.objects.first()
    return merchant.currency if merchant else "CNY"
