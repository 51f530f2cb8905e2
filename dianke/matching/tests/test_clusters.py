from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dianke.matching.clusters import LIMITS, Limits, Pair, clusters

pairs = st.lists(
    st.tuples(st.integers(0, 15), st.integers(0, 15), st.floats(0, 40, allow_nan=False)).filter(
        lambda p: p[0] != p[1]
    ),
    max_size=40,
)
identities = st.dictionaries(
    st.integers(0, 15),
    st.dictionaries(
        st.sampled_from(("unionid", "member_number", "phone")),
        st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=2, unique=True).map(tuple),
    ).map(lambda found: {kind: values[:1] if kind != "phone" else values for kind, values in found.items()}),
)
conflicts = st.lists(
    st.tuples(st.integers(0, 15), st.integers(0, 15)).filter(lambda p: p[0] != p[1]), max_size=8
)


def test_links_join_in_chains():
    found = clusters([(1, 2, 20.0), (2, 3, 18.0), (7, 8, 10.0)])
    assert found.clusters == [(1, 2, 3), (7, 8)]
    assert found.refused == []


def test_a_record_between_two_people_goes_with_the_better_one():
    known = {1: {"unionid": ("a",)}, 3: {"unionid": ("b",)}}
    found = clusters([(1, 2, 12.0), (2, 3, 25.0)], identities=known)
    assert found.clusters == [(2, 3)]
    assert found.refused == [(1, 2, "unionid")]


def test_what_a_person_said_is_not_the_same_is_not_joined_through_others():
    found = clusters([(1, 2, 25.0), (2, 3, 12.0)], conflicts=[(3, 1)])
    assert found.clusters == [(1, 2)]
    assert found.refused == [(2, 3, "APART")]


def test_a_cluster_grows_no_larger_than_its_limit():
    limits = Limits({}, records=3)
    found = clusters([Pair(n, n + 1, 10.0) for n in range(6)], limits=limits)
    assert all(len(cluster) <= 3 for cluster in found.clusters)
    assert {refusal.reason for refusal in found.refused} == {"SIZE"}


@given(pairs, identities, conflicts)
def test_no_cluster_ever_breaks_a_limit_or_joins_what_is_apart(pairs, identities, conflicts):
    found = clusters(pairs, identities=identities, conflicts=conflicts)
    members = [record for cluster in found.clusters for record in cluster]
    assert len(members) == len(set(members))
    for cluster in found.clusters:
        assert len(cluster) > 1
        for kind, most in LIMITS.identities.items():
            values = {value for record in cluster for value in identities.get(record, {}).get(kind, ())}
            # What one record itself brings is not the cluster's doing.
            own = max((len(identities.get(record, {}).get(kind, ())) for record in cluster), default=0)
            assert len(values) <= max(most, own)
        assert not any({one, other} <= set(cluster) for one, other in conflicts)


@given(pairs, identities, conflicts, st.randoms())
def test_the_order_in_which_pairs_come_does_not_matter(pairs, identities, conflicts, random):
    different = list({(min(p[:2]), max(p[:2])): (min(p[:2]), max(p[:2]), p[2]) for p in pairs}.values())
    first = clusters(different, identities=identities, conflicts=conflicts)
    random.shuffle(different)
    assert clusters(different, identities=identities, conflicts=conflicts).clusters == first.clusters
