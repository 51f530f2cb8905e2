"""Recommendations on shops small enough to work out by hand, and on one where the truth is planted."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from dianke.insight.rules.recommending import (
    Purchases,
    baskets_of,
    due_again,
    histories_of_people,
    learn,
    learn_unowned,
    pairs_of,
    recommend,
    similar_customers,
)
from dianke.insight.rules.recommending.choosing import HALF_LIFE, LEARNERS, judged, taught_by
from dianke.insight.rules.recommending.linear import (
    learn_again,
    learn_bm25,
    learn_ease,
    learn_next_basket,
    learn_recent,
    popularity,
    popularity_on,
)
from dianke.insight.rules.recommending.measuring import best, measured
from dianke.insight.rules.recommending.proposing import LIKE, Proposing, most_bought

RING, CHAIN, BRACELET, CLOTH, OIL = range(5)
ANNA, BO, CHEN = 11, 12, 13


def shop(lines, items=5):
    """Baskets of (customer, day, item)."""
    columns = np.array(lines, dtype=np.int64)
    return baskets_of(Purchases(columns[:, 0], columns[:, 1], columns[:, 2], items))


@pytest.fixture
def small():
    return shop(
        [
            (ANNA, 1, RING),
            (ANNA, 1, CHAIN),
            (ANNA, 1, CHAIN),
            (BO, 2, RING),
            (BO, 2, CHAIN),
            (CHEN, 3, CLOTH),
            (ANNA, 11, OIL),
        ]
    )


def test_lines_of_one_day_are_one_basket_with_each_item_once(small):
    assert small.people.tolist() == [ANNA, BO, CHEN]
    assert small.person.tolist() == [0, 0, 1, 2]
    assert small.first.tolist() == [0, 0, 2, 3]
    assert small.rows.toarray()[0].tolist() == [1, 1, 0, 0, 0]
    assert small.last().tolist() == [1, 2, 3]
    assert popularity(small) == pytest.approx([0.5, 0.5, 0, 0.25, 0.25])


def test_an_item_out_of_range_is_refused():
    with pytest.raises(ValueError, match="out of range"):
        shop([(ANNA, 1, 5)])


def test_what_was_bought_long_ago_counts_less(small):
    history = histories_of_people(small, np.array([0, 1, 2]), day=21, half_life=10.0).toarray()
    assert history[0] == pytest.approx([0.25, 0.25, 0, 0, 0.5])
    assert history[1, RING] == pytest.approx(0.5**1.9)


def test_what_is_popular_lately_does_not_know_what_comes(small):
    assert popularity_on(small, 3, 1.0)[CLOTH] == 0
    shares = popularity_on(small, 4, 1.0)
    # Baskets of days 1, 2, 3 are worth 1/8, 1/4, 1/2 of a day before day 4.
    assert shares[[RING, CLOTH]] == pytest.approx([3 / 7, 4 / 7])


def test_pairs_tell_support_confidence_and_lift(small):
    """Ring and chain: 2 of 4 baskets, 2 of the 2 with a ring, 1 / 0.5 times as often as by chance."""
    pairs = pairs_of(small, least_together=2)
    assert list(zip(pairs.item.tolist(), pairs.then.tolist(), strict=True)) == [(RING, CHAIN), (CHAIN, RING)]
    assert pairs.together.tolist() == [2, 2]
    assert pairs.support.tolist() == [0.5, 0.5]
    assert pairs.confidence.tolist() == [1, 1]
    assert pairs.lift.tolist() == [2, 2]
    assert len(pairs_of(small, least_together=3).item) == 0


def test_whoever_bought_alike_is_similar_and_nobody_to_themselves(small):
    everybody = histories_of_people(small, np.arange(3), day=21, half_life=HALF_LIFE)
    alike = similar_customers(everybody[[0]], everybody, 2, np.array([0]))
    assert alike.people.tolist() == [[1, -1]]
    assert 0 < alike.likeness[0, 0] < 1


def test_somebody_is_due_between_the_own_rhythm_and_everybodys():
    """Five people take oil every 30 days; Anna took it every 60, twice: (2 × 30 + 2 × 60) / 4 = 45 days."""
    lines = [(person, day, OIL) for person in range(5) for day in (0, 30, 60)]
    lines += [(ANNA, 0, OIL), (ANNA, 60, OIL), (ANNA, 120, OIL), (BO, 7, OIL), (BO, 7, RING)]
    due = due_again(shop(lines))
    told = {
        (person, item): (day, interval, times)
        for person, item, day, interval, times in zip(
            due.person.tolist(),
            due.item.tolist(),
            due.day.tolist(),
            due.interval.tolist(),
            due.times.tolist(),
            strict=True,
        )
    }
    assert told[(5, OIL)] == (165, 45, 3)
    # Bo took it once: everybody's median. Rings nobody bought twice are never due.
    assert told[(6, OIL)] == (37, 30, 1)
    assert (6, RING) not in told


def test_ease_solves_its_own_equation(small):
    """B minimises |X - XB|² + λ|B|² with an empty diagonal: off it, the gradient vanishes."""
    model = learn_ease(small, ridge=0.5)
    x = small.rows.toarray()[:, model.kept]
    together = x.T @ x
    penalty = 0.5 * np.trace(together) / len(model.kept)
    gradient = together @ model.weights - together + penalty * model.weights
    np.fill_diagonal(gradient, 0)
    assert gradient == pytest.approx(np.zeros_like(gradient), abs=1e-10)
    assert np.diag(model.weights).tolist() == [0] * len(model.kept)


def test_the_next_basket_solves_its_own_equation(small):
    """Anna's second basket from her first is the only pair: W = (h'h + λI)^-1 h'(y - base)."""
    model = learn_next_basket(small, half_life=10.0, ridge=2.0)
    h = np.array([[0.5, 0.5, 0, 0]]) ** 0.5
    y = np.array([[0, 0, 0, 1]]) - np.array([[0.5, 0.5, 0.25, 0.25]])
    penalty = 2.0 * 1.0 / 4
    assert model.kept.tolist() == [RING, CHAIN, CLOTH, OIL]
    assert model.weights == pytest.approx(np.linalg.solve(h.T @ h + penalty * np.eye(4), h.T @ y))


def test_bm25_puts_near_what_the_same_people_bought():
    people = [(n, 1, RING) for n in range(6)] + [(n, 2, CHAIN) for n in range(6)]
    of = shop(people + [(n, 1, OIL) for n in range(6, 30)])
    weights = learn_bm25(of).weights
    ring, chain, oil = (np.searchsorted(learn_bm25(of).kept, item) for item in (RING, CHAIN, OIL))
    assert weights[ring, chain] > 0
    assert weights[ring, oil] == 0


def test_only_the_most_bought_items_are_learnt_from(small):
    assert learn_ease(small, most=2).kept.tolist() == [RING, CHAIN]
    scores = learn_ease(small, most=2).scores(small.rows[:1])
    assert scores.shape == (1, 5)


def test_stock_possession_and_contraindication_are_respected(small):
    model = learn_again(small)
    history = histories_of_people(small, np.array([0, 2]), day=21, half_life=HALF_LIFE)
    offered = np.array([True, True, False, True, True])
    refused = np.zeros((2, 5), dtype=bool)
    refused[0, OIL] = True
    told = recommend(model, history, 5, offered=offered, refused=refused)
    assert told.items[0].tolist() == [RING, CHAIN, CLOTH, -1, -1]
    assert told.items[1, 0] == CLOTH
    assert BRACELET not in told.items
    assert told.because[0].tolist() == [RING, CHAIN, -1, -1, -1]
    assert np.isnan(told.scores[0, 3])


def test_a_recommendation_names_the_purchase_that_speaks_for_it():
    baskets = [(n, 1, item) for n in range(10) for item in (RING, CHAIN)]
    baskets += [(n, 1, item) for n in range(10, 20) for item in (CLOTH, OIL)]
    of = shop([*baskets, (20, 1, RING), (20, 2, OIL)])
    history = histories_of_people(of, np.array([20]), day=3, half_life=HALF_LIFE)
    told = recommend(learn_ease(of, ridge=0.1), history, 5, refused=history.toarray() > 0)
    place = {item: told.because[0, told.items[0].tolist().index(item)] for item in (CHAIN, CLOTH)}
    assert place == {CHAIN: RING, CLOTH: OIL}


def test_nobody_asked_gets_nothing(small):
    told = recommend(learn_again(small), small.rows[:0], 3)
    assert told.items.shape == (0, 3)


def test_recall_and_ndcg_by_hand():
    """Basket {0, 3}: recommended 3 first and 0 third of three. Recall 1, NDCG (1 + 1/2) / (1 + 1/log2(3))."""
    baskets = sparse.csr_matrix(np.array([[1, 0, 0, 1], [0, 0, 0, 0], [0, 1, 0, 0]]))
    told = measured(np.array([[3, 1, 0], [0, 1, 2], [0, -1, -1]]), baskets)
    assert told.recall == pytest.approx((1 + 0) / 2)
    assert told.ndcg == pytest.approx((1.5 / (1 + 1 / np.log2(3)) + 0) / 2)
    assert told.coverage == 3 / 4


def test_the_best_come_first_and_equal_ones_by_place():
    assert best(np.array([[1.0, 3.0, 3.0, -np.inf]]), 4).tolist() == [[1, 2, 0, -1]]


@pytest.fixture(scope="module")
def town():
    """400 people of ten tastes: each buys two of the six items of the taste, six times, and again what they had."""
    chance = np.random.default_rng(2)
    lines = []
    for person in range(400):
        mine = 6 * (person % 10) + chance.choice(6, 2, replace=False)
        for visit in range(6):
            day = 20 * visit + int(chance.integers(0, 15))
            lines += [(person, day, int(item)) for item in mine]
            lines.append((person, day, int(6 * (person % 10) + chance.integers(0, 6))))
    columns = np.array(lines)
    return Purchases(columns[:, 0], columns[:, 1], columns[:, 2], 60)


def test_the_winner_of_the_last_baskets_is_used(town):
    learnt = learn(town, day=400)
    assert set(learnt.tested) == set(LEARNERS)
    assert learnt.tested[learnt.model.name].recall == max(one.recall for one in learnt.tested.values())
    assert learnt.tested[learnt.model.name].recall > 2 * learnt.tested["POPULAR"].recall
    assert learnt.returning == 400


def test_what_is_new_to_people_is_learnt_apart(town):
    unowned = learn_unowned(town, day=400)
    assert unowned.model.name != "AGAIN"
    assert unowned.tested["AGAIN"].recall < unowned.tested[unowned.model.name].recall


def test_last_baskets_do_not_teach(town):
    """Were every last basket of other items, no candidate would be taught by them."""
    known = baskets_of(town)
    last = known.last()
    assert taught_by(known).rows.shape[0] == known.rows.shape[0] - 400
    fake = known.rows.tolil()
    fake[last] = 0
    fake[last, 59] = 1
    swapped = type(known)(known.people, known.person, known.day, known.first, fake.tocsr())
    assert (taught_by(swapped).rows != taught_by(known).rows).nnz == 0
    assert judged(swapped, last, "NEXT_BASKET").recall < 0.2


def test_purchases_from_the_day_on_are_not_looked_at(town):
    later = np.concatenate([town.days, town.days + 500])
    doubled = Purchases(np.tile(town.customers, 2), later, np.tile(town.bought[::-1], 2), town.items)
    once = Purchases(town.customers, town.days, doubled.bought[: len(town.days)], town.items)
    assert learn(doubled, day=400).tested == learn(once, day=400).tested


def test_with_too_few_people_everybody_gets_what_is_popular(town):
    few = town.customers < 50
    learnt = learn(Purchases(town.customers[few], town.days[few], town.bought[few], 60), day=400)
    assert learnt.model.name == "RECENT"
    assert learnt.tested == {}
    assert learnt.returning == 50
    assert np.array_equal(
        learnt.model.base,
        learn_recent(
            baskets_of(Purchases(town.customers[few], town.days[few], town.bought[few], 60)), 400
        ).base,
    )


def test_the_benchmark_says_what_is_missing(monkeypatch, capsys):
    from bench import circle_recommend

    monkeypatch.setenv(circle_recommend.PLACE, "/nowhere.csv.gz")
    assert circle_recommend.run(quick=True) == []
    assert "/nowhere.csv.gz" in capsys.readouterr().err


def test_nothing_is_due_where_nobody_bought_anything_twice():
    assert due_again(shop([(ANNA, 1, RING), (BO, 2, CHAIN)])).item.tolist() == []


def test_where_enough_came_twice_the_best_recommender_speaks_with_its_count():
    """Six circles of forty people and four goods: each takes three of the four, on days of their own. Somebody has one
    thing of the first circle."""
    lines = [
        (40 * circle + n, 1 + 7 * turn + n % 5, 4 * circle + (n + turn) % 4)
        for circle in range(6)
        for n in range(40)
        for turn in range(3)
    ]
    columns = np.array([*lines, (500, 20, 0)])
    purchases = Purchases(columns[:, 0], columns[:, 1], columns[:, 2], 24)
    proposing = Proposing(purchases, day=30, offered=np.ones(24, dtype=bool))
    assert proposing.learnt.returning == 240
    assert proposing.learnt.model.name not in ("POPULAR", "RECENT")
    found = {rows[0].person: rows for rows in proposing.rows()}
    # 30 of the circle and the one have it; 20 of them have each of the other three.
    assert {row.item for row in found[240]} == {1, 2, 3}
    assert {(row.kind, row.because, row.part, row.whole) for row in found[240]} == {(LIKE, 0, 20, 31)}
    hidden = Proposing(purchases, day=30, offered=np.arange(24) > 3)
    assert 240 not in {rows[0].person for rows in hidden.rows()}


def test_the_most_bought_goods_take_part():
    assert most_bought(np.array([7, 7, 3, 9, 9, 9]), most=2).tolist() == [7, 9]
