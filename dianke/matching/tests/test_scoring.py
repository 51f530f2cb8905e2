from __future__ import annotations

import pytest
from hypothesis import given, settings

from dianke.matching.comparisons import State
from dianke.matching.decisions import CEILINGS, Decision
from dianke.matching.exact import candidate_keys, conflict, exact_keys
from dianke.matching.explanation import _CEILINGS, explain, explain_ceiling, words_of
from dianke.matching.model import from_json, shipped, to_json
from dianke.matching.record import Birth, Calendar, Record
from dianke.matching.scoring import score
from dianke.matching.tests.cast import records


@given(records, records)
@settings(max_examples=300, deadline=None)
def test_a_score_is_the_same_in_both_orders(left, right):
    one, other = score(left, right), score(right, left)
    assert one.weight == pytest.approx(other.weight)
    assert (one.decision, one.blocked_by, one.ceiling) == (other.decision, other.blocked_by, other.ceiling)
    assert [part.level for part in one.parts] == [part.level for part in other.parts]


@given(records, records)
@settings(max_examples=200, deadline=None)
def test_the_explanations_add_up_to_the_weight(left, right):
    verdict = score(left, right)
    told = explain(verdict)
    assert sum(entry.weight for entry in told) == pytest.approx(verdict.weight)
    assert all(str(entry.label) and str(entry.detail) for entry in told)
    assert all(
        entry.weight == 0 for entry in told if entry.state is State.MISSING and entry.comparison != "prior"
    )


@given(records, records)
@settings(max_examples=200, deadline=None)
def test_verified_identities_in_conflict_are_never_more_than_left(left, right):
    kind = conflict(left, right)
    verdict = score(left, right)
    assert verdict.blocked_by == kind
    if kind:
        assert verdict.decision is Decision.LEAVE
        assert str(explain_ceiling(verdict))


def test_every_ceiling_can_be_explained():
    assert {ceiling.code for ceiling in CEILINGS} == set(_CEILINGS)


def test_a_lunar_birthday_is_shown_in_the_words_of_the_calendar():
    born = score(Record(1, birth=Birth(8, 15, 1980, Calendar.LUNAR)), Record(2, birth=Birth(9, 23))).parts[6]
    assert (born.comparison, born.level) == ("birthday", "WITHOUT_YEAR")
    assert (born.left, born.right) == ("1980 lunar 8-15", "09-23") or "农历八月十五" in born.left


def test_a_kept_level_can_be_told_without_its_values():
    label, state, detail = words_of("phone", "SLIP")
    assert (str(label), state) != ("", State.MISSING)
    assert str(detail)
    assert words_of("phone", "MISSING")[1] is State.MISSING


def test_parameters_survive_their_file_and_have_a_version():
    model = shipped()
    again = from_json(to_json(model))
    assert again.chances == model.chances
    assert again.frequencies == model.frequencies
    assert len(model.version) == 12


def test_every_parameter_is_a_chance():
    for chance in shipped().chances.values():
        assert 0 < chance.m <= 1
        assert 0 < chance.u <= 1


def test_a_match_is_harder_to_believe_among_more_records():
    assert shipped().for_population(1_000_000).prior < shipped().for_population(10_000).prior


def test_what_many_hold_is_worth_less():
    left, right = Record(1, "王小明", ("+862158001234",)), Record(2, "王小明", ("+862158001234",))
    alone = score(left, right)
    shared = score(left, right, shipped().with_holders({"+862158001234": 64}))
    assert alone.weight - shared.weight == pytest.approx(5.0)


def test_exact_keys_leave_out_placeholders():
    record = Record(1, "王小明", ("+8613800138000", "+8613912345678"), emails=("a@b.cn",), unionid="o6")
    assert exact_keys(record) == {"phone": ("+8613912345678",), "email": ("a@b.cn",), "unionid": ("o6",)}


def test_a_solar_and_a_lunar_birthday_have_a_key_in_common():
    solar = candidate_keys(Record(1, "王小明", birth=Birth(9, 23, 1980)))
    lunar = candidate_keys(Record(2, "Wang Xiaoming", birth=Birth(8, 15, calendar=Calendar.LUNAR)))
    assert set(solar["name_birthday"]) & set(lunar["name_birthday"])


def test_a_phone_with_a_slip_still_has_a_key_in_common():
    right = candidate_keys(Record(1, "王小明", ("+8613912345678",)))
    early = candidate_keys(Record(2, "王小明", ("+8613921345678",)))
    late = candidate_keys(Record(3, "王小明", ("+8613912345687",)))
    assert set(right["surname_phone_tail"]) & set(early["surname_phone_tail"])
    assert set(right["surname_phone_head"]) & set(late["surname_phone_head"])


@given(records, records)
@settings(max_examples=100, deadline=None)
def test_records_with_the_same_real_phone_always_meet(left, right):
    shared = set(exact_keys(left).get("phone", ())) & set(exact_keys(right).get("phone", ()))
    both = set(candidate_keys(left).get("phone", ())) & set(candidate_keys(right).get("phone", ()))
    assert shared == both
