"""`among` finds what `in` finds."""

from __future__ import annotations

import pytest

from dianke.core.data_keys import issue_data_keys
from dianke.core.ids import uuid7, uuid7s
from dianke.core.models import DataKey

pytestmark = pytest.mark.django_db


def test_among_finds_the_same_rows_as_in_by_text_by_uuid_and_by_foreign_key():
    keys = issue_data_keys("thing", [uuid7() for _ in range(3)])
    wanted = keys[:2]
    for name, values in {
        "id": [key.id for key in wanted],
        "subject_id": [key.subject_id for key in wanted],
        "master_key": [wanted[0].master_key_id],
    }.items():
        found = DataKey.objects.filter(subject_kind="thing", **{f"{name}__among": values})
        assert set(found) == set(DataKey.objects.filter(subject_kind="thing", **{f"{name}__in": values}))
        assert len(found) == (3 if name == "master_key" else 2)


def test_among_nothing_finds_nothing():
    issue_data_keys("thing", [uuid7()])
    assert not DataKey.objects.filter(id__among=[]).exists()


def test_ids_made_together_are_ordered_distinct_and_of_version_7():
    before = uuid7()
    made = uuid7s(5_000)
    assert before < made[0]
    assert made == sorted(set(made))
    assert made[-1] < uuid7()
    assert {(one.version, one.variant) for one in made} == {(7, "specified in RFC 4122")}
    assert len({one.int & (1 << 62) - 1 for one in made}) == len(made)
    assert uuid7s(0) == []
