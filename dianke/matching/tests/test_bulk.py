from __future__ import annotations

from dataclasses import replace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.dirty_customers import customer_file
from dianke.matching.blocking import CUSTOMERS as KEYS
from dianke.matching.bulk import match_all, table_of
from dianke.matching.exact import candidate_keys
from dianke.matching.record import Birth, Record
from dianke.matching.scoring import score
from dianke.matching.tests.cast import record_of, records


@pytest.fixture(scope="module")
def file():
    return customer_file(1_500, 3)


@pytest.fixture(scope="module")
def result(file):
    return match_all(file[0])


def test_a_pair_weighs_the_same_alone_and_among_all(file, result):
    people = [record_of(row) for row in file[0].to_pylist()]
    pairs = result.pairs.to_pylist()
    assert len(pairs) > 500
    for pair in pairs:
        alone = score(people[pair["left"]], people[pair["right"]], result.model)
        assert alone.weight == pytest.approx(pair["weight"], abs=1e-9), alone
        assert alone.probability == pytest.approx(pair["probability"])
        assert alone.decision == pair["decision"], alone


@given(st.lists(records, min_size=2, max_size=8, unique_by=lambda record: record.id))
@settings(max_examples=40, deadline=None)
def test_records_drawn_at_random_weigh_the_same_alone_and_together(people):
    found = match_all(table_of(people), threads=1)
    by_id = {record.id: record for record in people}
    for pair in found.pairs.to_pylist():
        alone = score(by_id[pair["left"]], by_id[pair["right"]], found.model)
        assert alone.weight == pytest.approx(pair["weight"], abs=1e-9), alone
        assert alone.decision == pair["decision"], alone


@given(st.lists(records, min_size=2, max_size=6, unique_by=lambda record: record.id))
@settings(max_examples=30, deadline=None)
def test_the_keys_of_one_record_meet_the_same_others_as_the_keys_of_a_file(people):
    found = match_all(table_of(people), threads=1)
    keys = [
        {(kind, key) for kind, several in candidate_keys(record).items() for key in several}
        for record in people
    ]
    meeting = sum(bool(one & other) for place, one in enumerate(keys) for other in keys[:place])
    assert found.compared == meeting
    assert len(people) <= min(key.most for key in KEYS)


def test_links_and_clusters_are_mostly_right(file, result):
    persons = file[1]
    links = [pair for pair in result.pairs.to_pylist() if pair["decision"] == "LINK"]
    right = sum(persons[pair["left"]] == persons[pair["right"]] for pair in links)
    assert right / len(links) > 0.99
    cluster_of = dict(zip(*(result.clusters[name].to_pylist() for name in ("id", "cluster")), strict=True))
    assert all(cluster <= record for record, cluster in cluster_of.items())
    assert len(set(cluster_of.values())) > 200


def test_no_cluster_holds_two_verified_identities_of_a_kind(file, result):
    rows = file[0].to_pylist()
    held: dict[tuple[int, str], set[str]] = {}
    for record, cluster in zip(
        *(result.clusters[name].to_pylist() for name in ("id", "cluster")), strict=True
    ):
        for kind in ("unionid", "member_number"):
            if rows[record][kind]:
                held.setdefault((cluster, kind), set()).add(rows[record][kind])
    assert held
    assert all(len(values) == 1 for values in held.values())


def test_pairs_said_to_be_different_stay_in_different_clusters(file, result):
    heaviest = result.pairs.to_pylist()[0]
    apart = (heaviest["left"], heaviest["right"])
    again = match_all(file[0], apart=[apart])
    cluster_of = dict(zip(*(again.clusters[name].to_pylist() for name in ("id", "cluster")), strict=True))
    one, other = (cluster_of.get(record, record) for record in apart)
    assert one != other
    assert [refusal.reason for refusal in again.refused]


def test_two_strong_links_do_not_join_two_identities_through_a_third_record():
    born, phone = Birth(9, 23, 1980), ("+8613912345678",)
    people = [
        Record(1, "王小明", phone, unionid="o6_1", birth=born),
        Record(2, "王小明", phone, birth=born),
        Record(3, "王小明", phone, unionid="o6_2", birth=born),
    ]
    found = match_all(table_of(people))
    assert sorted(found.clusters["id"].to_pylist()) in ([1, 2], [2, 3])
    assert [refusal.reason for refusal in found.refused] == ["APART"]


def test_a_file_on_disk_gives_the_same_and_tells_how_far_it_is(tmp_path, file, result):
    path = tmp_path / "customers.parquet"
    pq.write_table(file[0], path)
    heard: list[tuple[str, float]] = []
    found = match_all(
        path, on_progress=lambda stage, share: heard.append((stage, share)), memory_limit="500MB"
    )
    assert found.pairs.equals(result.pairs)
    assert [share for _stage, share in heard] == sorted(share for _stage, share in heard)
    assert heard[-1] == ("done", 1.0)


def test_an_empty_file_has_no_pairs():
    found = match_all(table_of([]))
    assert (found.pairs.num_rows, found.clusters.num_rows, found.records) == (0, 0, 0)


def test_a_stricter_threshold_links_less(file, result):
    strict = match_all(file[0], link=0.99999)
    links = [sum(d == "LINK" for d in found.pairs["decision"].to_pylist()) for found in (strict, result)]
    assert links[0] < links[1]


def test_texts_that_are_empty_and_texts_that_are_missing_are_one():
    people = [Record(n, "王小明", ("+8613912345678",), birth=Birth(9, 23, 1980)) for n in (1, 2)]
    table = table_of(people)
    holes = table.set_column(
        table.schema.get_field_index("city"), "city", pa.array([None, None], pa.string())
    )
    assert match_all(holes).pairs.equals(match_all(table).pairs)
    assert match_all(table_of([replace(people[0], street=" "), people[1]])).pairs.num_rows == 1
