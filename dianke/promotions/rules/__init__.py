"""Pure calculation: no database, no clock.

`terms` is the vocabulary that tables, API, till and pricing engine share:

    terms.Promotion(id, name, rule, goods, when, audience, basis, priority, exclusion, group, shuts,
                    max_amount, max_times, budget_left, times_left)      .read(dict, path="")  .as_dict()
    terms.CouponTerms(kind_id, name, rule, goods, when, audience, threshold_amount, basis, group, is_alone,
                    joins_promotions, max_per_order)                     .read(dict, path="")  .as_dict()

`rule` is one of `kinds`: PercentOff, MoneyOff, FixedPrice, NthPiece, Bundle, BuyGet (on goods), Ladder, EveryFull,
Gift, FreeDelivery (on the order); for coupons Cash, Percent, GiftCoupon, Exchange, FreeDelivery. As data a rule carries
its `kind` (`terms.KINDS`, `terms.COUPON_KINDS`). `read` raises `reading.TermMissing`, `TermNotWhole`, `TermNotAChoice`,
`TermNotOfItsKind`, `TermUnknown`, `TermsContradict` (all InvalidInput, `field` is the path: "rule.steps.0.off_amount").

`as_dict` leaves out what is at its default. A table keeps `as_dict()` of what the merchant set (id and name may live in
columns of their own and be put in when reading) and adds `budget_left` and `times_left` when it hands promotions to the
engine (`dataclasses.replace`). Percentages are what is paid (`pays_bp` 8000 = 八折); times are on the store's clock,
without a zone; `why_not_at(local)` and `audience.why_not(...)` answer with a code or None, `goods.names(...)` with a
bool. Reasons become sentences in `dianke.sales.rules.pricing.reasons`.
"""
