"""Figures add up however they are cut into closes."""

from __future__ import annotations

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from dianke.sales.rules.day_figures import at, digest_of, minus, plus, pruned, total

_leaf = st.integers(-(10**9), 10**9)
_keys = st.sampled_from(["cash", "wechat", "in", "out", "3"])
_figures = st.dictionaries(_keys, st.dictionaries(_keys, _leaf, max_size=3), max_size=4)


def test_zeros_and_empty_branches_are_left_out():
    assert pruned({"b": {"x": 0}, "a": 1, "c": {"y": {"z": 0}}, "d": {"k": -2}}) == {"a": 1, "d": {"k": -2}}


def test_one_leaf_is_read_and_what_is_missing_is_nothing():
    figures = {"tenders": {"CASH": {"in": 5}}}
    assert (at(figures, "tenders", "CASH", "in"), at(figures, "tenders", "CARD", "in")) == (5, 0)
    assert at(figures, "tenders") == 0


@given(_figures, _figures)
def test_a_supplement_is_what_is_known_less_what_was_closed(known, closed):
    assert plus(closed, minus(known, closed)) == pruned(known)
    assert minus(known, known) == {}


@given(st.lists(_figures, max_size=6))
def test_the_closes_of_a_day_come_to_the_last_known(states):
    """Each close holds the difference to those before it: together they are the last state."""
    closes: list[dict] = []
    for known in states:
        closes.append(minus(known, total(closes)))
    assert total(closes) == pruned(states[-1] if states else {})


@given(_figures)
def test_the_digest_does_not_depend_on_the_order_of_keys(figures):
    turned = dict(reversed(list(figures.items())))
    assert digest_of(figures) == digest_of(turned)


def test_the_digest_is_that_of_canonical_json():
    canonical = b'{"a":1,"b":{"x":2}}'
    assert digest_of({"b": {"x": 2}, "a": 1}) == hashlib.sha256(canonical).hexdigest()
