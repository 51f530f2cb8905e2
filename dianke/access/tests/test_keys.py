from datetime import timedelta

import pytest
from django.utils import timezone

from dianke.access.models import ApiKey
from dianke.access.operations import create_api_key, disable_account, revoke_api_key
from dianke.access.operations.keys import KeyExpiryPast, ScopesMissing, ScopeTooWide
from dianke.access.queries import actor_for_key, narrowed
from dianke.access.tests import postings
from dianke.access.tests.conftest import sign_in
from dianke.core.actor import SYSTEM, ActorKind, Grant, PermissionRefused, RowScope

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss(person):
    return person("boss", "陈老板", "OWNER")


@pytest.fixture
def make(boss, acting):
    def create(**changes):
        values = {"name": "网店", "owner": boss, "scopes": ["stores.view_organisation", "work.view_tasks"]}
        return create_api_key(**(values | changes), actor=acting(boss), now=timezone.now())

    return create


def test_a_key_acts_for_its_owner_with_its_scopes_only(make, boss):
    made = make()
    actor = actor_for_key(made.raw, now=timezone.now())
    assert (actor.kind, actor.id, actor.user_id) == (ActorKind.API_KEY, made.key.pk, boss.pk)
    assert actor.can("work.view_tasks")
    assert not actor.can("work.assign_tasks")
    assert boss.pk in postings.GIVEN


def test_the_secret_is_shown_once_and_kept_as_a_hash(make):
    made = make()
    row = ApiKey.objects.values().get()
    assert made.raw not in str(row)
    assert made.raw.startswith(row["prefix"])
    assert len(made.raw) > 40


def test_taking_a_permission_from_the_owner_takes_it_from_the_key(make, boss):
    made = make()
    postings.GIVEN[boss.pk] = [Grant("CLERK", frozenset({"work.view_tasks"}), RowScope.OWN, frozenset({1}))]
    actor = actor_for_key(made.raw, now=timezone.now())
    assert actor.can("work.view_tasks", store_id=1)
    assert not actor.can("work.view_tasks", store_id=2)
    assert not actor.can("stores.view_organisation")
    postings.GIVEN[boss.pk] = []
    assert not actor_for_key(made.raw, now=timezone.now()).can("work.view_tasks")


def test_a_key_cannot_be_made_wider_than_its_owner_or_its_maker(make, person):
    clerk = person("lin")
    with pytest.raises(ScopeTooWide):
        make(owner=clerk, scopes=["access.view_users"])
    with pytest.raises(ScopeTooWide):
        make(scopes=["access.manage_api_keys"])
    with pytest.raises(ScopeTooWide):
        make(scopes=["no.such_thing"])
    with pytest.raises(ScopesMissing):
        make(scopes=[])
    with pytest.raises(KeyExpiryPast):
        make(expires_at=timezone.now())


def test_only_heads_make_keys(person, acting):
    clerk = person("lin")
    with pytest.raises(PermissionRefused):
        create_api_key(
            name="x", owner=clerk, scopes=["work.view_tasks"], actor=acting(clerk), now=timezone.now()
        )


def test_revoked_expired_unknown_and_ownerless_keys_are_nobody(make, boss, acting):
    now = timezone.now()
    revoked, expiring, live = make(), make(expires_at=now + timedelta(hours=1)), make()
    revoke_api_key(key=revoked.key, actor=acting(boss), now=now)
    assert actor_for_key(revoked.raw, now=now).is_anonymous
    assert not actor_for_key(expiring.raw, now=now).is_anonymous
    assert actor_for_key(expiring.raw, now=now + timedelta(hours=1)).is_anonymous
    assert actor_for_key("dk_nothing", now=now).is_anonymous
    assert actor_for_key("", now=now).is_anonymous
    disable_account(user=boss, actor=SYSTEM, now=now)
    assert actor_for_key(live.raw, now=now).is_anonymous


def test_use_is_noted_once_a_minute(make):
    made, now = make(), timezone.now()
    for seconds in (0, 30, 70):
        actor_for_key(made.raw, now=now + timedelta(seconds=seconds))
        made.key.refresh_from_db()
    assert made.key.last_used_at == now + timedelta(seconds=70)
    actor_for_key(made.raw, now=now + timedelta(seconds=100))
    made.key.refresh_from_db()
    assert made.key.last_used_at == now + timedelta(seconds=70)


ALL = Grant("OWNER", frozenset({"a.x", "work.view_tasks", "work.assign_tasks"}), RowScope.ALL, None)
ONE = Grant("CLERK", frozenset({"work.view_tasks"}), RowScope.OWN, frozenset({1}))


@pytest.mark.parametrize(
    ("grant", "scopes", "stores", "permissions", "reached", "scope"),
    [
        (ALL, {"work.view_tasks"}, (), {"work.view_tasks"}, None, RowScope.ALL),
        (ALL, {"work.view_tasks"}, (2,), {"work.view_tasks"}, {2}, RowScope.STORE),
        (ONE, {"work.view_tasks", "work.assign_tasks"}, (), {"work.view_tasks"}, {1}, RowScope.OWN),
        (ONE, {"work.view_tasks"}, (1, 2), {"work.view_tasks"}, {1}, RowScope.OWN),
        (ONE, {"work.view_tasks"}, (2,), None, None, None),
        (ONE, {"work.assign_tasks"}, (), None, None, None),
        (ALL, {"work.decide_approvals"}, (), None, None, None),
    ],
)
def test_scopes_and_stores_only_ever_narrow_a_grant(grant, scopes, stores, permissions, reached, scope):
    found = narrowed([grant], scopes=scopes, store_ids=stores)
    if permissions is None:
        assert found == ()
        return
    (result,) = found
    assert result.permissions == permissions
    assert result.store_ids == (None if reached is None else frozenset(reached))
    assert result.scope is scope


def test_the_page_shows_the_secret_once(client, boss, settings):
    from dianke.access.models import Role

    Role.objects.update(requires_second_factor=False)
    sign_in(client, "boss")
    answer = client.post(
        "/settings/api-keys/new/", {"name": "网店", "owner": boss.pk, "scopes": ["work.view_tasks"]}
    )
    raw = answer.content.decode().partition("dk_")[2][:43]
    assert not actor_for_key(f"dk_{raw}", now=timezone.now()).is_anonymous
    assert raw[10:] not in client.get("/settings/api-keys/").content.decode()
    assert answer["Cache-Control"].startswith("max-age=0")
