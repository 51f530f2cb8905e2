"""The programme said in plain sentences, as it stands on the page of settings: nobody has to read columns."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from django.utils.formats import date_format
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

from dianke.core.money import Money
from dianke.loyalty.models import EarningRule, Gift, Level, Programme, Reward

_WEEKDAYS = (
    lambda: _("Monday"),
    lambda: _("Tuesday"),
    lambda: _("Wednesday"),
    lambda: _("Thursday"),
    lambda: _("Friday"),
    lambda: _("Saturday"),
    lambda: _("Sunday"),
)


def money(amount: int, currency: str = "CNY") -> str:
    """Minor units as people write them, without empty decimals."""
    text = Money.from_minor(amount, currency).format("zh-hans")
    return text.removesuffix(".00")


def _joined(*sentences: str) -> str:
    """One after the other; Chinese has no blank between them."""
    between = "" if (get_language() or "").startswith("zh") else " "
    return between.join(each for each in sentences if each)


def plain(value: int, scale: int) -> str:
    """Basis points as a number: 12000 over 10000 is "1.2"."""
    return f"{(Decimal(value) / scale).normalize():f}"


def window_sentence(programme: Programme) -> str:
    """Over which time purchases count."""
    counted = {
        "CALENDAR_YEAR": _("Purchases of this and the last calendar year count towards a level."),
        "ANNIVERSARY": _("Purchases of this and the last year of membership count towards a level."),
        "ROLLING": ngettext(
            "Purchases of the last day count towards a level.",
            "Purchases of the last %(n)s days count towards a level.",
            programme.window_days,
        )
        % {"n": programme.window_days},
    }[programme.window]
    down = {
        "ONE_STEP": _("Who no longer reaches it goes one level down, after %(n)s days of grace."),
        "RECOMPUTED": _(
            "Who no longer reaches it goes to the level that is reached, after %(n)s days of grace."
        ),
        "NEVER": _("Nobody loses a level that was reached."),
    }[programme.downgrade]
    kept = (
        _("When what reached a level is returned, it stays through the period.")
        if programme.keeps_after_refund
        else _("When what reached a level is returned, it goes at once.")
    )
    return _joined(counted, down % {"n": programme.grace_days} if "%" in down else down, kept)


def earning_sentence(programme: Programme) -> str:
    """When points can be used and when they expire, and what earns."""
    from_when = (
        ngettext(
            "Points can be used a day after the purchase.",
            "Points can be used %(n)s days after the purchase.",
            programme.pending_days,
        )
        % {"n": programme.pending_days}
        if programme.pending_days
        else _("Points can be used at once.")
    )
    if programme.expiry == "MONTHS":
        until = ngettext(
            "They expire after a month.", "They expire after %(n)s months.", programme.expiry_count
        ) % {"n": programme.expiry_count}
    elif programme.expiry == "END_OF_YEAR":
        until = (
            ngettext(
                "They expire at the end of the next year.",
                "They expire at the end of the year, %(n)s years later.",
                programme.expiry_count,
            )
            % {"n": programme.expiry_count}
            if programme.expiry_count
            else _("They expire at the end of the year.")
        )
    else:
        until = _("They never expire.")
    notice = (
        ngettext(
            "Members are told a day before.", "Members are told %(n)s days before.", programme.notice_days
        )
        % {"n": programme.notice_days}
        if programme.expiry != "NEVER" and programme.notice_days
        else ""
    )
    never = [
        word
        for word, earns in (
            (_("tax"), programme.earns_on_tax),
            (_("what stored-value bonus pays"), programme.earns_on_bonus),
            (_("delivery fees"), programme.earns_on_shipping),
            (_("gift cards"), programme.earns_on_gift_cards),
        )
        if not earns
    ]
    not_ = (
        _("No points for %(what)s, points used as money, and deposits.")
        % {"what": pgettext("between things of a list", ", ").join(never)}
        if never
        else _("No points for points used as money, and for deposits.")
    )
    stored = (
        _("Stored value earns when it is used.")
        if programme.stored_value_earns == "USE"
        else _("Stored value earns when it is topped up, and not again when it is used.")
    )
    return _joined(from_when, until, notice, not_, stored)


def using_sentence(programme: Programme) -> str:
    """What points are worth."""
    worth = _("%(points)s points are worth %(amount)s.") % {
        "points": programme.worth_points,
        "amount": money(programme.worth_amount, programme.currency),
    }
    steps = []
    if programme.redeem_minimum:
        steps.append(_("They are used from %(n)s on.") % {"n": programme.redeem_minimum})
    if programme.redeem_step > 1:
        steps.append(_("They are used in steps of %(n)s.") % {"n": programme.redeem_step})
    if programme.redeem_cap_bp < 10_000:
        steps.append(_("They pay at most %(n)s%% of an order.") % {"n": plain(programme.redeem_cap_bp, 100)})
    if programme.redeem_cap_amount is not None:
        steps.append(
            _("They pay at most %(amount)s.")
            % {"amount": money(programme.redeem_cap_amount, programme.currency)}
        )
    short = {
        "NEGATIVE": _("When a return asks for points that are spent, the customer owes them."),
        "DEDUCT_CASH": _(
            "When a return asks for points that are spent, their worth is taken off the refund."
        ),
        "BLOCK": _("A return that asks for points that are spent is refused."),
    }[programme.shortfall]
    return _joined(worth, *steps, short)


def referring_sentence(programme: Programme) -> str:
    """Who brings and who comes."""
    if not programme.is_referring:
        return _("Members who bring members are not rewarded.")
    return _(
        "Who brings a member gets %(by)s points and who comes gets %(who)s, after a first purchase of at least "
        "%(amount)s; at most %(limit)s rewards within %(days)s days."
    ) % {
        "by": programme.referrer_points,
        "who": programme.referred_points,
        "amount": money(programme.referral_least_amount, programme.currency),
        "limit": programme.referral_limit,
        "days": programme.referral_limit_days,
    }


def level_sentence(level: Level) -> str:
    """What leads to a level, and what it brings."""
    asks = []
    if level.least_amount:
        asks.append(_("spend %(amount)s") % {"amount": money(level.least_amount)})
    if level.least_orders:
        asks.append(
            ngettext("%(n)s purchase", "%(n)s purchases", level.least_orders) % {"n": level.least_orders}
        )
    if level.least_points:
        asks.append(
            ngettext("%(n)s level point", "%(n)s level points", level.least_points)
            % {"n": level.least_points}
        )
    joint = (
        pgettext("between two things that are both missing", " and ")
        if level.needs_all
        else pgettext("between two things of which one is enough", " or ")
    )
    parts = [joint.join(asks)] if asks else []
    if not asks:
        parts.append(
            _("everybody begins here")
            if level.is_by_rule
            else (_("given by hand") if level.price_amount is None else "")
        )
    if level.price_amount is not None:
        parts.append(
            _("sold for %(amount)s, %(days)s days")
            % {"amount": money(level.price_amount), "days": level.paid_days}
        )
    if level.points_bp != 10_000:
        parts.append(_("%(n)s times the points") % {"n": plain(level.points_bp, 10_000)})
    if level.discount_bp:
        parts.append(_("%(n)s%% off") % {"n": plain(level.discount_bp, 100)})
    parts += level.benefits
    return " · ".join(part for part in parts if part)


def rule_sentence(rule: EarningRule, categories: Mapping[int, str], levels: Mapping[str, str]) -> str:
    """What a rule does and when."""
    amount = money(rule.per_amount)
    does = {
        "RATE": _("%(points)s points for each %(amount)s"),
        "MULTIPLY": _("%(times)s times as many points"),
        "BONUS": _("%(points)s extra points each time %(amount)s is reached")
        if rule.is_repeated
        else _("%(points)s extra points from %(amount)s on"),
    }[rule.kind] % {"points": rule.points, "amount": amount, "times": plain(rule.factor_bp, 10_000)}
    joint = pgettext("between things of a list", ", ")
    when = []
    if rule.category_ids:
        when.append(joint.join(categories.get(pk, f"#{pk}") for pk in rule.category_ids))
    if rule.product_ids:
        count = len(rule.product_ids)
        when.append(ngettext("%(n)s product", "%(n)s products", count) % {"n": count})
    if rule.level_codes:
        when.append(joint.join(levels.get(code, code) for code in rule.level_codes))
    if rule.weekdays:
        when.append(joint.join(_WEEKDAYS[day]() for day in rule.weekdays))
    if rule.birthday:
        when.append(str(rule.get_birthday_display()))
    if rule.from_date:
        when.append(_("from %(day)s") % {"day": date_format(rule.from_date, "SHORT_DATE_FORMAT")})
    if rule.to_date:
        when.append(_("through %(day)s") % {"day": date_format(rule.to_date, "SHORT_DATE_FORMAT")})
    return " · ".join((does, *when))


def gift_sentence(gift: Gift, levels: Mapping[str, str]) -> str:
    """What is given when."""
    parts = [str(gift.get_occasion_display())]
    if gift.points:
        parts.append(
            _("%(points)s points, usable for %(days)s days")
            % {"points": gift.points, "days": gift.valid_days}
        )
    if gift.coupon_kind:
        parts.append(_("a coupon"))
    if gift.days_before:
        parts.append(
            ngettext("%(n)s day before", "%(n)s days before", gift.days_before) % {"n": gift.days_before}
        )
    if gift.level_codes:
        parts.append(
            pgettext("between things of a list", ", ").join(
                levels.get(code, code) for code in gift.level_codes
            )
        )
    return " · ".join(parts)


def reward_sentence(reward: Reward, levels: Mapping[str, str]) -> str:
    """What it costs and for whom."""
    parts = [
        str(reward.get_kind_display()),
        ngettext("%(n)s point", "%(n)s points", reward.points) % {"n": reward.points},
    ]
    if reward.left_count is not None:
        parts.append(_("%(n)s left") % {"n": reward.left_count})
    if reward.limit_per_member is not None:
        parts.append(_("at most %(n)s per member") % {"n": reward.limit_per_member})
    if reward.level_codes:
        joint = pgettext("between things of a list", ", ")
        parts.append(joint.join(levels.get(code, code) for code in reward.level_codes))
    if reward.from_date:
        parts.append(_("from %(day)s") % {"day": date_format(reward.from_date, "SHORT_DATE_FORMAT")})
    if reward.to_date:
        parts.append(_("through %(day)s") % {"day": date_format(reward.to_date, "SHORT_DATE_FORMAT")})
    return " · ".join(parts)
