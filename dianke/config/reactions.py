"""What follows from what: every reaction to an event, one row each, and nowhere else.

What must be true together with a change is a direct call in its operation; what may come a moment later
stands here.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from dianke.events.reactions import Reaction

REACTIONS: list[Reaction] = [
    Reaction(
        "stores.account_name",
        ("access.account_changed",),
        "dianke.stores.tasks:follow_account_name",
        ordered=True,
        label=_("Staff record takes over a new account name"),
    ),
    Reaction(
        "work.tell_owner",
        ("work.task_created", "work.task_assigned", "work.tasks_assigned", "work.tasks_handed_over"),
        "dianke.work.providers.reactions:tell_owner",
        label=_("Whoever gets a task is told"),
    ),
    Reaction(
        "work.tell_about_comment",
        ("work.comment_added",),
        "dianke.work.providers.reactions:tell_about_comment",
        label=_("People mentioned or concerned are told of a comment"),
    ),
    Reaction(
        "work.tell_checkers",
        ("work.approval_requested",),
        "dianke.work.providers.reactions:tell_checkers",
        label=_("Those who can decide are told of a request for approval"),
    ),
    Reaction(
        "work.tell_maker",
        (
            "work.approval_approved",
            "work.approval_refused",
            "work.approval_overtaken",
            "work.approvals_expired",
        ),
        "dianke.work.providers.reactions:tell_maker",
        label=_("Whoever asked is told what became of the request"),
    ),
    Reaction(
        "customers.look_for_candidates",
        ("customers.customer_entered", "customers.record_added", "customers.contact_point_added"),
        "dianke.customers.tasks.matching:look_for_candidates",
        label=_("A new entry is compared with the customers who might be the same person"),
    ),
    Reaction(
        "inventory.open_places",
        ("stores.store_opened", "stores.stock_place_added"),
        "dianke.inventory.tasks:open_places_of_store",
        label=_("A new store or place of stock can hold goods"),
    ),
    Reaction(
        "purchasing.reopen_refused",
        (
            "work.approval_refused",
            "work.approval_withdrawn",
            "work.approval_overtaken",
            "work.approvals_expired",
        ),
        "dianke.purchasing.tasks:reopen_refused",
        label=_("A purchase order whose approval came to nothing is a draft again"),
    ),
    Reaction(
        "marketing.reopen_refused",
        (
            "work.approval_refused",
            "work.approval_withdrawn",
            "work.approval_overtaken",
            "work.approvals_expired",
        ),
        "dianke.marketing.tasks:reopen_refused",
        label=_("A campaign whose approval came to nothing is a draft again"),
    ),
    Reaction(
        "journeys.let_in",
        (
            "customers.customer_entered",
            "customers.customer_registered",
            "customers.entry_accepted",
            "loyalty.level_changed",
            "loyalty.levels_reviewed",
            "loyalty.purchase_followed",
            "loyalty.level_given",
            "sales.order_completed",
            "sales.order_returned",
        ),
        "dianke.journeys.tasks:follow_event",
        label=_("Who registers, buys or reaches a level enters a journey"),
    ),
    Reaction(
        "sales.reopen_refused",
        (
            "work.approval_refused",
            "work.approval_withdrawn",
            "work.approval_overtaken",
            "work.approvals_expired",
        ),
        "dianke.sales.tasks:reopen_refused",
        label=_("An order whose approval came to nothing is a draft again"),
    ),
    Reaction(
        "sales.tell_customers",
        (
            "sales.order_approved",
            "sales.order_stage_entered",
            "sales.order_cancelled",
            "sales.delivery_planned",
            "sales.delivery_changed",
            "sales.delivery_started",
            "sales.delivery_done",
            "sales.delivery_failed",
        ),
        "dianke.sales.tasks:tell_customers",
        label=_("A customer hears how their order goes on"),
    ),
    Reaction(
        "wallets.tell_customers",
        (
            "wallets.topped_up",
            "wallets.sessions_used",
            "wallets.use_undone",
            "wallets.wallet_refunded",
            "wallets.card_refunded",
            "wallets.wallet_transferred",
            "wallets.card_transferred",
        ),
        "dianke.wallets.tasks:tell_customers",
        label=_("A customer whose prepaid value moved gets a receipt"),
    ),
    Reaction(
        "loyalty.follow_orders",
        ("sales.order_completed", "sales.order_returned", "sales.order_cancelled"),
        "dianke.loyalty.tasks:follow_order",
        label=_("Levels and referrals follow what is sold and returned"),
    ),
    Reaction(
        "promotions.give_loyalty_coupons",
        ("loyalty.reward_redeemed", "loyalty.gifts_given"),
        "dianke.promotions.tasks:give_loyalty_coupons",
        label=_("Coupons of rewards and gifts are issued"),
    ),
    Reaction(
        "promotions.take_back_loyalty_coupons",
        ("loyalty.redemption_cancelled",),
        "dianke.promotions.tasks:take_back_loyalty_coupons",
        label=_("The coupon of a reward that was cancelled is revoked"),
    ),
    Reaction(
        "loyalty.follow_merges",
        ("customers.customers_merged", "customers.customers_separated"),
        "dianke.loyalty.tasks:follow_merge",
        label=_("The level is that of what a merged profile bought together"),
    ),
    Reaction(
        "clienteling.follow_values",
        ("insight.values_written",),
        "dianke.clienteling.tasks:follow_values",
        label=_("Contact lists are filled up once what customers are worth was worked out"),
    ),
    Reaction(
        "insight.follow_history",
        ("sales.history_brought_in",),
        "dianke.insight.tasks:follow_history",
        label=_("What customers are worth follows past sales that were brought in"),
    ),
]
