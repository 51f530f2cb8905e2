"""What a return does to a member's points and level, worked out once: shown as the preview before it is
confirmed, and carried out by `operations.returning.plan_return` with the same numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction

from django.db import connection
from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from dianke.core.errors import InvalidInput
from dianke.ledger.models import Account, Lot, Posting, Transaction
from dianke.ledger.queries import lots_moved
from dianke.ledger.rules import Leg, plan_part, stretch
from dianke.loyalty.models import MemberSale
from dianke.loyalty.queries.context import Context, read_context
from dianke.loyalty.queries.standing import cluster_of, sums_in
from dianke.loyalty.rules.earning import Bonus, Earned, Gone, LineEarned, gone_after
from dianke.loyalty.rules.levels import Place, Sums, decide, period_end, reached, windows
from dianke.loyalty.rules.returning import Claw, Settled, claw, settle

_NEVER = datetime.max.replace(tzinfo=UTC)
EXPIRED_KIND = "loyalty.points_expired"


class LeftOutOfRange(InvalidInput):
    code = "loyalty_left_out_of_range"
    message = _("What remains of a line must be between nothing and what remained before. Check the amounts.")


@dataclass(frozen=True, slots=True)
class Late:
    """Points given back whose lot had expired meanwhile: usable until then, or gone (None)."""

    points: int
    usable_until: datetime | None


@dataclass(frozen=True, slots=True)
class ReturnPreview:
    """What the return does. `clawed_back`: points taken back (of them `lapsed` had expired unused, nobody gives
    them); `short`: what nothing covers, which becomes `owed` points or `deducted_amount` off the refund, or
    `is_blocked`; `given_back`: points used on the sale that return, `late` those whose time was over.
    `points_after`: what can be spent then (below zero: owed). `tier_after`: the level's name when it changes,
    else None.
    """

    clawed_back: int
    lapsed: int
    given_back: int
    late: tuple[Late, ...]
    short: int
    owed: int
    deducted_amount: int
    is_blocked: bool
    policy: str
    spend_back: int
    tier_points_back: int
    points_after: int
    tier_before: str = ""
    tier_after: str | None = None


@dataclass(frozen=True, slots=True)
class Effect:
    """The whole of it, for carrying out."""

    sale: MemberSale
    context: Context
    gone: Gone
    claw: Claw
    settled: Settled
    policy: str
    earned_now: int
    redeemed_now: int
    redeem_id: int | None
    redeemed_share: Fraction
    late: tuple[Late, ...]
    back_by_account: Mapping[int, int]

    def preview(self, now: datetime) -> ReturnPreview:
        usable = self.redeemed_now - sum(late.points for late in self.late if late.usable_until is None)
        pending = {lot.account_id for lot in self.context.held() if lot.is_pending}
        taken = sum(part for account_id, part in self.claw.taken.items() if account_id not in pending)
        free = sum(self.context.spendable(now).values()) - (self.context.owed if self.context.owed else 0)
        return ReturnPreview(
            clawed_back=self.earned_now,
            lapsed=self.claw.lapsed,
            given_back=self.redeemed_now,
            late=self.late,
            short=self.claw.short,
            owed=self.settled.owed,
            deducted_amount=self.settled.amount,
            is_blocked=self.settled.is_blocked,
            policy=self.policy,
            spend_back=self.gone.spend - self.sale.spend_back,
            tier_points_back=self.gone.tier_points - self.sale.tier_points_back,
            points_after=free + usable - taken - self.settled.owed,
        )


def preview_return(
    *,
    reference_of_sale: str,
    left: Mapping[str, int],
    now: datetime,
    redeemed_share: Fraction | None = None,
    policy: str = "",
) -> ReturnPreview | None:
    """What `plan_return` would do with the same arguments; None when the sale was no member's. Writes nothing."""
    sale = MemberSale.objects.filter(reference=reference_of_sale).first()
    if sale is None:
        return None
    effect = effect_of(sale, left=left, redeemed_share=redeemed_share, policy=policy, now=now)
    return with_level(effect, effect.preview(now), now)


def effect_of(
    sale: MemberSale,
    *,
    left: Mapping[str, int],
    redeemed_share: Fraction | None,
    policy: str,
    now: datetime,
) -> Effect:
    """Work it out; see `plan_return` for the arguments. Raises LeftOutOfRange."""
    context = read_context(cluster_of(sale.customer_id))
    earned = earned_of(sale)
    remains = {key: int(line["left"]) for key, line in sale.lines.items()}
    for key, amount in left.items():
        if key in remains:
            if not 0 <= amount <= remains[key]:
                raise LeftOutOfRange(field="left")
            remains[key] = amount
    gone = gone_after(earned, remains)
    # What was taken back stays taken back: rounding never gives anything out again.
    gone = replace(
        gone,
        spend=max(gone.spend, sale.spend_back),
        tier_points=max(gone.tier_points, sale.tier_points_back),
        points=max(gone.points, sale.earned_back),
    )
    wanted = gone.points - sale.earned_back
    share = redeemed_share if redeemed_share is not None else share_back(earned, remains)
    redeem_id, by_account, late, redeemed_now = _given_back(sale, share, context, now)
    accounts = [account.pk for account in context.accounts.values() if account.has_lots]
    lapsed = _lapsed(sale, accounts) if wanted else 0
    usable = {account_id: part for account_id, part in by_account.items() if part > 0}
    plan = claw(wanted, context.held(sale.reference), now=now, lapsed=lapsed, given_back=usable)
    terms = context.terms
    ways = policy or (terms.shortfall if terms else "NEGATIVE")
    settled = settle(plan.short, ways, terms) if terms else Settled(owed=plan.short)
    return Effect(
        sale, context, gone, plan, settled, ways, wanted, redeemed_now, redeem_id, share, late, by_account
    )


def earned_of(sale: MemberSale) -> Earned:
    """What the sale earned, as it was decided then."""
    return Earned(
        tuple(
            LineEarned(key, line["paid"], line["counts"], line["earned"]) for key, line in sale.lines.items()
        ),
        tuple(
            Bonus(
                each["rule_id"],
                each["per_amount"],
                each["points"],
                each["is_repeated"],
                tuple(each["keys"]),
                each["granted"],
            )
            for each in sale.bonuses
        ),
        sale.tier_points,
    )


def share_back(earned: Earned, left: Mapping[str, int]) -> Fraction:
    """The part of the money that is given back by now, over all lines."""
    paid = sum(line.paid for line in earned.lines)
    back = sum(line.paid - left[line.key] for line in earned.lines)
    if paid:
        return Fraction(back, paid)
    return Fraction(0)


def _given_back(
    sale: MemberSale, share: Fraction, context: Context, now: datetime
) -> tuple[int | None, dict[int, int], tuple[Late, ...], int]:
    """(transaction that used the points, usable points that come back per account, those that come late, all)."""
    if not sale.redeemed_points or not share:
        return None, {}, (), 0
    origin = Transaction.objects.filter(reference=f"{sale.reference}/redeem").first()
    if origin is None:
        return None, {}, (), 0
    postings = list(Posting.objects.filter(transaction=origin).select_related("account"))
    legs = [Leg(p.account_id, p.unit, p.account.legal_entity_id, p.account.side, p.amount) for p in postings]
    sums = Posting.objects.filter(transaction__refunds=origin).values_list("account_id")
    returned = {account_id: -total for account_id, total in sums.annotate(total=Sum("amount"))}
    parts = plan_part(legs, returned, min(share, Fraction(1)))
    moved = lots_moved([origin.pk])[origin.pk]
    lots = Lot.objects.in_bulk([lot_id for lot_id, _quantity in moved])
    grace = context.terms.return_grace_days if context.terms else 0
    usable: dict[int, int] = {}
    late: list[Late] = []
    for posting in postings:
        part = -parts.get(posting.account_id, 0)
        if not posting.account.has_lots or part <= 0:
            continue
        drawn = [(lot_id, -q) for lot_id, q in moved if lots[lot_id].account_id == posting.account_id]
        drawn.sort(key=lambda pair: _drawing_order(lots[pair[0]]), reverse=True)
        for lot_id, quantity in stretch(drawn, -returned.get(posting.account_id, 0), part):
            expires_at = lots[lot_id].expires_at
            is_late = expires_at is not None and expires_at <= now
            until = (now + timedelta(days=grace) if grace else None) if is_late else None
            if is_late:
                late.append(Late(quantity, until))
            if not is_late or until is not None:
                usable[posting.account_id] = usable.get(posting.account_id, 0) + quantity
    back = -sum(parts.get(p.account_id, 0) for p in postings if p.account.has_lots)
    return origin.pk, usable, tuple(late), back


def _drawing_order(lot: Lot) -> tuple[bool, datetime, int]:
    """As the ledger gives back: what was drawn last comes back first."""
    return lot.quantity < 0, lot.expires_at or _NEVER, lot.pk


def _lapsed(sale: MemberSale, account_ids: Sequence[int]) -> int:
    """How many points of the sale expired unused and were not settled by an earlier return."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT coalesce(-sum(c.quantity), 0)::bigint - (
                SELECT coalesce(sum(lapsed_points), 0)::bigint FROM loyalty_memberreturn WHERE sale_id = %(sale)s)
            FROM ledger_lot AS l JOIN ledger_lotchange AS c ON c.lot_id = l.id
            JOIN ledger_transaction AS t ON t.id = c.transaction_id
            WHERE l.account_id = ANY(%(accounts)s) AND l.source = %(source)s AND t.kind = %(kind)s
            """,
            {
                "sale": sale.pk,
                "accounts": list(account_ids),
                "source": sale.reference,
                "kind": EXPIRED_KIND,
            },
        )
        (found,) = cursor.fetchone()
    return max(int(found), 0)


def with_level(effect: Effect, preview: ReturnPreview, now: datetime) -> ReturnPreview:
    """The same with what becomes of the level. Two statements at most."""
    context, terms = effect.context, effect.context.terms
    if terms is None:
        return preview
    today = terms.day_of(now)
    before = context.level_at(today)
    head = next((m for m in context.members if m.customer_id == context.customer_ids[0]), None)
    if head is None or head.reached_id is None or before is None or before.id != head.reached_id:
        return replace(preview, tier_before=before.name if before else "")
    spans = windows(terms, context.joined_on or today, today)
    sums = sums_in(context.customer_ids, spans)
    left = [
        Sums(
            each.amount - preview.spend_back,
            each.orders - int(effect.gone.spend >= effect.sale.spend_amount and not effect.sale.is_returned),
            each.points - preview.tier_points_back,
        )
        if effect.sale.counted_on in span
        else each
        for span, each in sums.items()
    ]
    decision = decide(
        Place(head.reached_id, head.below_since, head.held_until),
        reached(context.levels, left),
        levels=context.levels,
        terms=terms,
        today=today,
        ends=lambda: period_end(terms, context.joined_on or today, today),
        is_return=was_reached_by(effect.sale, context),
    )
    by_id = {level.id: level for level in context.levels}
    after = by_id.get(decision.place.level_id) if decision.place.level_id is not None else None
    changed = (after.id if after else None) != before.id
    return replace(
        preview, tier_before=before.name, tier_after=(after.name if after else "") if changed else None
    )


def was_reached_by(sale: MemberSale, context: Context) -> bool:
    """Whether the level was reached at or after the sale, so that the sale may have led to it."""
    from dianke.loyalty.models import LevelChange

    last = (
        LevelChange.objects.filter(customer__in=context.customer_ids, why=LevelChange.Why.REACHED)
        .order_by("-pk")
        .first()
    )
    return last is not None and last.on >= sale.counted_on


__all__ = ["Account", "Effect", "Late", "LeftOutOfRange", "ReturnPreview", "effect_of", "preview_return"]
