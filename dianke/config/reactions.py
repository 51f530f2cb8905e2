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
]
