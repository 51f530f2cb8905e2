"""What the room registers: how its events read, corrections that can need approval, what a customer's page and
phone show, what the copy of somebody's data holds, opening points in the import of customers.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.customers.operations.import_undo import register_hold
from dianke.events.registry import register_kind, register_rows
from dianke.loyalty.models import EarningRule, Gift, Level, Programme, Redemption, Reward
from dianke.loyalty.models.programme import VIEW
from dianke.loyalty.providers import approvables, importer, pages, panels, rights

_EVENTS = {
    "programme_begun": _("Membership programme “%(name)s” begun"),
    "programme_changed": _("Membership programme changed"),
    "level_added": _("Level “%(name)s” added"),
    "level_terms_changed": _("Level “%(name)s” changed"),
    "level_archived": _("Level “%(name)s” put away"),
    "rule_added": _("Earning rule “%(name)s” added"),
    "rule_changed": _("Earning rule “%(name)s” changed"),
    "gift_added": _("Gift “%(name)s” added"),
    "gift_changed": _("Gift “%(name)s” changed"),
    "reward_added": _("Reward “%(name)s” added"),
    "reward_changed": _("Reward “%(name)s” changed"),
    "level_changed": _("Level of the member: “%(name)s”"),
    "levels_reviewed": _("Levels of members reviewed: %(up)s up, %(down)s down"),
    "levels_separated": _("Levels after records were separated"),
    "level_given": _("Level “%(name)s” given"),
    "level_withdrawn": _("Level “%(name)s” withdrawn"),
    "points_adjusted": _("Points corrected by hand: %(points)s"),
    "points_released": _("Pending points of %(purchases)s purchases can be used"),
    "points_expired": _("Points of %(members)s members expired"),
    "expiry_announced": _("%(members)s members told of points that expire"),
    "gifts_given": _("Gift “%(gift)s” given"),
    "reward_redeemed": _("%(points)s points exchanged for “%(reward)s”"),
    "reward_handed_over": _("“%(reward)s” handed over"),
    "redemption_cancelled": _("Exchange for “%(reward)s” taken back"),
    "referral_code_made": _("Invitation code made"),
    "member_referred": _("A member brought a customer"),
    "purchase_followed": _("Purchase counted for the membership"),
}


def register() -> None:
    """Called once, when the apps are ready."""
    for code, label in _EVENTS.items():
        register_kind(f"loyalty.{code}", label, permission=VIEW)
    for model, noun in (
        (Programme, _("Membership programme")),
        (Level, pgettext_lazy("of membership", "level")),
        (EarningRule, _("Earning rule")),
        (Gift, _("Gift")),
        (Reward, _("Reward")),
    ):
        register_rows(model._meta.label_lower, model.objects.visible_to, "name", noun=noun)
    register_rows(
        "loyalty.redemption", Redemption.objects.visible_to, "reward__name", noun=_("Exchange of points")
    )
    for table, column in (
        ("loyalty_membership", "customer_id"),
        ("loyalty_levelgrant", "customer_id"),
        ("loyalty_levelchange", "customer_id"),
        ("loyalty_membersale", "customer_id"),
        ("loyalty_redemption", "customer_id"),
        ("loyalty_referral", "customer_id"),
        ("loyalty_referral", "referred_id"),
        ("loyalty_referralcode", "customer_id"),
        ("loyalty_giftgiven", "customer_id"),
        ("loyalty_expirynotice", "customer_id"),
        ("loyalty_openingpoints", "customer_id"),
    ):
        register_hold(table, column)
    approvables.register()
    panels.register()
    rights.register()
    importer.register()
    pages.register()
