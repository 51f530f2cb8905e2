"""The cart laid out for calculation: lists by line position, an index of the goods, and what has happened so far.

A `Board` is made once for a cart and never changes. A `Run` is one attempt to price it; when the best of several
attempts is looked for, each has a run of its own over the same board.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

from dianke.promotions.rules.terms import Alike, Basis, Exclusion, Goods, Later, Promotion
from dianke.sales.rules.pricing.cart import Cart, CartCoupon, LineKind
from dianke.sales.rules.pricing.exact import UNIT, half_up, part_of, ten_thousandths
from dianke.sales.rules.pricing.priced import GiftOffer, Stage, Values

Positions = tuple[int, ...]


#: What is missing for (more of) an offer: a code and its values.
Hint = tuple[str, Values]


@dataclass(slots=True)
class Effect:
    """What an offer would do: discounts by position, how often it applied, which positions it rests upon."""

    offs: dict[int, int]
    times: int
    uses: Iterable[int]
    code: str
    values: Values
    hint: Hint | None = None

    def because(self, segment: str) -> Effect:
        """The same with the segment that let the customer have it, where one was asked for."""
        return replace(self, values={**self.values, "segment": segment}) if segment else self


@dataclass(slots=True)
class Refused:
    """Why an offer does nothing here."""

    code: str
    values: Values = field(default_factory=dict)
    hint: Hint | None = None


@dataclass(slots=True)
class Step:
    """An effect that was applied, for the answer."""

    stage: Stage
    source: str
    effect: Effect


class Board:
    """Positions are those of `cart.lines`. `goods` are the positions offers may touch: not fees, not gifts, not
    price-protected, not free of charge already."""

    def __init__(self, cart: Cart) -> None:
        self.cart = cart
        self.lines = cart.lines
        self.quantities = [ten_thousandths(line.quantity) for line in cart.lines]
        self.list_amounts = [
            half_up(line.unit_amount * quantity, UNIT) if line.amount is None else line.amount
            for line, quantity in zip(cart.lines, self.quantities, strict=True)
        ]
        #: Whole pieces; 0 for goods sold by measure, which no rule of pieces counts.
        self.pieces = [
            0 if line.is_measured or quantity % UNIT else quantity // UNIT
            for line, quantity in zip(cart.lines, self.quantities, strict=True)
        ]
        self.goods: Positions = tuple(
            position
            for position, line in enumerate(cart.lines)
            if line.kind is LineKind.GOODS
            and not line.gift_of
            and not line.is_price_protected
            and self.list_amounts[position] > 0
        )
        self._variants: dict[int, list[int]] = {}
        self._products: dict[int, list[int]] = {}
        self._categories: dict[int, list[int]] = {}
        self._brands: dict[int, list[int]] = {}
        self._tags: dict[str, list[int]] = {}
        for position in self.goods:
            line = cart.lines[position]
            self._variants.setdefault(line.variant_id, []).append(position)
            self._products.setdefault(line.product_id, []).append(position)
            for category_id in line.category_ids:
                self._categories.setdefault(category_id, []).append(position)
            if line.brand_id is not None:
                self._brands.setdefault(line.brand_id, []).append(position)
            for tag in line.tags:
                self._tags.setdefault(tag, []).append(position)
        self._scopes: dict[int, Positions] = {}
        #: Runs at the prices of the first stage, with and without member prices: every attempt begins there.
        self.starts: dict[bool, Run] = {}
        #: Coupons in their turn, with why they do not hold.
        self.coupons: list[tuple[CartCoupon, str | None]] | None = None
        self.local = cart.at.replace(tzinfo=None, microsecond=0)

    def scope(self, goods: Goods) -> Positions:
        """The positions of the cart that the set names, in the order of the cart."""
        # The same set is asked for again in every attempt; terms live as long as the cart does.
        known = self._scopes.get(id(goods))
        if known is None:
            known = self._scopes[id(goods)] = self._scope(goods)
        return known

    def _scope(self, goods: Goods) -> Positions:
        found: set[int] = set()
        if goods.names_something:
            for index, wanted in (
                (self._variants, goods.variant_ids),
                (self._products, goods.product_ids),
                (self._categories, goods.category_ids),
                (self._brands, goods.brand_ids),
            ):
                if wanted:
                    _gather(index, wanted, found.update)
            if goods.tags:
                _gather(self._tags, goods.tags, found.update)
        elif goods.is_everything:
            return self.goods
        else:
            found.update(self.goods)
        if goods.excludes_something:
            _gather(self._variants, goods.excluded_variant_ids, found.difference_update)
            _gather(self._products, goods.excluded_product_ids, found.difference_update)
            _gather(self._categories, goods.excluded_category_ids, found.difference_update)
            _gather(self._brands, goods.excluded_brand_ids, found.difference_update)
            _gather(self._tags, goods.excluded_tags, found.difference_update)
        return tuple(sorted(found))

    def gift_positions(self, source: str) -> list[int]:
        return [position for position, line in enumerate(self.lines) if line.gift_of == source]

    def of_kind(self, kind: LineKind) -> list[int]:
        return [position for position, line in enumerate(self.lines) if line.kind is kind]


Key = TypeVar("Key", int, str)


def _gather(index: dict[Key, list[int]], wanted: frozenset[Key], act: Callable[[list[int]], None]) -> None:
    """Whichever is shorter is walked: a set may name thousands of goods, a cart never does."""
    for key in wanted if len(wanted) <= len(index) else index.keys() & wanted:
        if key in index:
            act(index[key])


class Run:
    """One attempt. `amounts` are the prices as they stand; `room` is what may still be taken off."""

    def __init__(self, board: Board, room: int | None) -> None:
        self.board = board
        self.amounts = list(board.list_amounts)
        self.room = room
        self.steps: list[Step] = []
        self.refused: dict[str, Refused] = {}
        #: Lines with a promotion, lines no promotion may touch, lines by group, lines shut for a later stage.
        self.taken: set[int] = set()
        self.closed: set[int] = set()
        self.groups: dict[str, set[int]] = {}
        self.shut: dict[Later, set[int]] = {later: set() for later in Later}
        self.gifts: dict[str, GiftOffer] = {}

    def take(self, stage: Stage, source: str, effect: Effect) -> None:
        amounts = self.amounts
        for position, off in effect.offs.items():
            amounts[position] -= off
        self.steps.append(Step(stage, source, effect))

    def free_for(self, promotion: Promotion, positions: Positions) -> Positions:
        """Those of the positions that no other promotion keeps from this one."""
        barred = self.closed
        if promotion.exclusion is not Exclusion.NONE:
            barred = barred | self.taken
        if promotion.group and promotion.group in self.groups:
            barred = barred | self.groups[promotion.group]
        if not barred or barred.isdisjoint(positions):
            return positions
        return tuple([position for position in positions if position not in barred])

    def bases(self, promotion: Promotion) -> list[int]:
        """The prices percentages and thresholds are taken from."""
        return self.board.list_amounts if promotion.basis is Basis.ORIGINAL else self.amounts


#: Equal pieces of one line: less their price each in fen (rounded down; only for the order and for deciding), the
#: position, how many. So they sort as they are looked at: the dearest first, the earlier line first where equal.
Pieces = tuple[int, int, int]


def by_price(board: Board, bases: list[int], positions: Iterable[int]) -> list[Pieces]:
    """The pieces of the lines, sorted. Goods sold by measure are no pieces."""
    counts = board.pieces
    found = [
        (-(bases[position] // counts[position]), position, counts[position])
        for position in positions
        if counts[position]
    ]
    found.sort()
    return found


def count_of(runs: Iterable[Pieces]) -> int:
    return sum([count for _price, _position, count in runs])


def alike(board: Board, how: Alike, runs: list[Pieces]) -> list[list[Pieces]]:
    """Pieces that count together, the set with the dearest piece first."""
    if how is Alike.SET:
        return [runs] if runs else []
    found: dict[int, list[Pieces]] = {}
    for one in runs:
        line = board.lines[one[1]]
        found.setdefault(line.product_id if how is Alike.PRODUCT else line.variant_id, []).append(one)
    return list(found.values())


def worth(bases: list[int], board: Board, position: int, count: int) -> int:
    """What `count` pieces of a line cost."""
    return part_of(bases[position], count, board.pieces[position])


def within(run: Run, offs: Mapping[int, int]) -> dict[int, int]:
    """Discounts taken from the list price cannot be more than what the line still costs."""
    amounts, found = run.amounts, {}
    for position, off in offs.items():
        most = amounts[position]
        if off < most:
            most = off
        if most > 0:
            found[position] = most
    return found
