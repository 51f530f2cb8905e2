"""The customer: one identity with its own data key and its own accounts, and the profile it shows.

A customer that was merged points at the profile it belongs to (`merged_into`, always the head of the cluster,
never a chain) and keeps its records, contact points and accounts, so that un-merging separates them again.
Pages show heads; other rooms refer to the customer they dealt with and read over `cluster`.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Self

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import BooleanField, ExpressionWrapper, F, Func, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.core.actor import Actor, RowScope
from dianke.core.custom_fields import CustomFieldsModel, custom_fields_index
from dianke.core.encrypted_fields import EncryptedJSONField, EncryptedTextField, Sealed, SealedQuerySet
from dianke.core.search_words import SearchWordsField, search_words_index
from dianke.stores.models import Partner

#: So many profiles and no more are named one by one in a query.
FEW = 1000
KEY_KIND = "customer"  # whose data keys: `issue_data_key(KEY_KIND, customer.uuid)`


def customer_key() -> models.ForeignKey[Any, Any]:
    """The field `key` of a row that belongs to a customer: the key of that customer, which is what refers to
    the table of keys. A constraint here as well would cost every imported row a look-up for nothing."""
    return models.ForeignKey(
        "core.DataKey",
        models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
        editable=False,
    )


class Kind(models.TextChoices):
    PERSON = "PERSON", pgettext_lazy("kind of customer", "Person")
    COMPANY = "COMPANY", _("Company")


class State(models.TextChoices):
    """In review: entered by somebody whose entries are looked through first. Erasing: a request is running
    and nothing may be merged. Removed: taken out with an undone import or by approval; the row stays as a
    tombstone."""

    ACTIVE = "ACTIVE", _("Active")
    REVIEW = "REVIEW", _("In review")
    ERASING = "ERASING", _("Being erased")
    ERASED = "ERASED", _("Erased")
    REMOVED = "REMOVED", _("Removed")


OUT_OF_USE = (State.ERASED, State.REMOVED)


class Gender(models.TextChoices):
    FEMALE = "F", _("Female")
    MALE = "M", _("Male")
    UNKNOWN = "", _("Not known")


class _EqualsAny(Func):
    arg_joiner = " = ANY("
    template = "(%(expressions)s))"


def _among(column: str, ids: QuerySet[Any, Any]) -> Q:
    """`column IN (ids)` in the one form PostgreSQL can join with others by OR over indexes: the ids as an
    array.
    """
    condition = _EqualsAny(F(column), ArraySubquery(ids), output_field=BooleanField())
    return Q(ExpressionWrapper(condition, BooleanField()))


class CustomerQuerySet(SealedQuerySet):
    """Reads as `Customer.objects.visible_to(actor).heads().in_use()`."""

    def visible_to(self, actor: Actor, permission: str = "customers.view_customers") -> Self:
        """What the actor's grants reach.

        All: every customer. Store: those whose home is one of its stores or who were shared with one. Own:
        those the person owns or helps with, and those of its stores whom nobody owns yet. What one owns or
        helps with, always. A customer kept by one partner is hidden from the other partners of the same
        store.
        """
        if actor.is_system:
            return self
        if not actor.can(permission):
            return self.none()
        reached, is_all = Q(pk__in=[]), False
        for grant in actor.grants:
            if permission not in grant.permissions:
                continue
            if grant.store_ids is None:
                here = Q()
            else:
                here = Q(store_id__in=grant.store_ids) | self.shared_with(grant.store_ids)
            if grant.scope is RowScope.OWN:
                reached |= here & Q(owner=None)
            elif grant.store_ids is None:
                is_all = True
            else:
                reached |= here
        wide = Q() if is_all else reached
        if not actor.can("customers.view_partners_customers"):
            mine = Partner.objects.filter(user_id=actor.user_id or 0).values("pk")
            wide &= Q(partner=None) | _among("partner_id", mine)
        if not wide:
            return self  # an empty Q falls out of an OR and would leave only one's own
        return self.filter(wide | self.own(actor))

    @staticmethod
    def plainly_reached(row: Customer, actor: Actor, permission: str = "customers.view_customers") -> bool:
        """Whether the customer's own row says already that `visible_to` has it: then nothing need be asked. Who is
        reached only as shared with a store or as one helped with is not told by the row."""
        if actor.is_system:
            return True
        if row.partner_id is not None and not actor.can("customers.view_partners_customers"):
            return False
        return any(
            permission in grant.permissions
            and (grant.store_ids is None or row.store_id in grant.store_ids)
            and (grant.scope is not RowScope.OWN or row.owner_id is None)
            for grant in actor.grants
        )

    @staticmethod
    def shared_with(store_ids: Collection[int]) -> Q:
        """Customers of another store whom the people of these serve too."""
        return _among("id", SharedWith.objects.filter(store_id__in=store_ids).values("customer_id"))

    @staticmethod
    def own(actor: Actor) -> Q:
        """Customers one owns or helps with."""
        if actor.user_id is None:
            return Q(pk__in=[])
        helped = Collaborator.objects.filter(user_id=actor.user_id).values("customer_id")
        return Q(owner_id=actor.user_id) | _among("id", helped)

    def heads(self) -> Self:
        """Profiles: without the customers that were merged into another."""
        return self.filter(merged_into=None)

    def in_use(self) -> Self:
        """Without those erased or removed."""
        return self.exclude(state__in=OUT_OF_USE)

    def among(self, customer_ids: QuerySet[Any, Any]) -> Self:
        """Those of a query of ids, looked up by their key whatever else is asked: for few ids out of many rows."""
        return self.filter(_among("id", customer_ids))

    @staticmethod
    def profiles_of(customer_ids: QuerySet[Any, Any]) -> Q:
        """Heads of the profiles these customers (a query of their ids) belong to. Few are looked up here, by one query:
        PostgreSQL cannot use an index for what is in one set or in another, and would read every customer to find
        them. Of many it finds the first while it reads in the order of a list."""
        known = Customer.objects.filter(pk__in=customer_ids)
        heads = list(known.values_list(Coalesce("merged_into_id", "pk"), flat=True)[: FEW + 1])
        if len(heads) <= FEW:
            return Q(pk__in=set(heads))
        merged = known.filter(merged_into__isnull=False)
        return Q(pk__in=customer_ids) | Q(pk__in=merged.values("merged_into_id"))

    def clusters(self, head_ids: Collection[int]) -> Self:
        """Everybody in these profiles. Rows of customers are found by
        `filter(customer__in=Customer.objects.clusters(…))`: an OR over the join (`customer_id` or
        `customer__merged_into_id`) would make PostgreSQL read the whole table."""
        return self.filter(Q(pk__among=head_ids) | Q(merged_into_id__among=head_ids))

    def cluster(self, head_id: int) -> Self:
        """The profile and every customer merged into it."""
        return self.filter(Q(pk=head_id) | Q(merged_into_id=head_id))


class Customer(Sealed, CustomFieldsModel):
    """`survivors` says per field which record the shown value came from and by which rule (`{"name":
    {"record": 12, "rule": "newest"}}`). `sensitive` holds the custom fields marked sensitive. `level` is kept
    by the rooms that know spending. `last_seen_at` is the last thing that happened with the customer."""

    key = models.ForeignKey(
        "core.DataKey",
        models.PROTECT,
        related_name="+",
        verbose_name=_("data key"),
        editable=False,
        db_index=False,
    )
    kind = models.CharField(_("kind"), max_length=8, choices=Kind, default=Kind.PERSON)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.ACTIVE)
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="merged", db_index=False
    )
    member_number = models.CharField(_("member number"), max_length=24)
    name = models.CharField(_("name"), max_length=80, blank=True)
    aliases = models.CharField(_("also called"), max_length=160, blank=True)
    search_words = SearchWordsField()
    gender = models.CharField(_("gender"), max_length=1, choices=Gender, blank=True)
    occupation = models.CharField(_("occupation"), max_length=40, blank=True)
    company = models.CharField(_("works at"), max_length=80, blank=True)
    credit_code = models.CharField(_("unified social credit code"), max_length=18, blank=True)
    note = EncryptedTextField(_("note"), subject="key", blank=True, null=True)
    sensitive = EncryptedJSONField(_("sensitive details"), subject="key", blank=True, null=True)
    level = models.CharField(_("level"), max_length=20, blank=True)
    is_key_account = models.BooleanField(_("key account"), default=False)
    # Each of these three has an index of its own below, made for the lists that ask for it.
    store = models.ForeignKey(
        "stores.Store",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("home store"),
        db_index=False,
    )
    partner = models.ForeignKey(
        "stores.Partner",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("kept by partner"),
        db_index=False,
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("person in charge"),
        db_index=False,
    )
    channel = models.CharField(_("first channel"), max_length=12)
    campaign = models.CharField(_("campaign"), max_length=60, blank=True)
    created_at = models.DateTimeField(_("since"))
    last_seen_at = models.DateTimeField(_("last seen"))
    survivors = models.JSONField(default=dict, editable=False)

    objects = CustomerQuerySet.as_manager()

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        constraints = [
            models.UniqueConstraint(
                fields=["member_number"],
                name="customer_member_number_unique",
                violation_error_message=_("This member number is taken."),
            ),
            models.CheckConstraint(
                condition=Q(merged_into=None) | ~Q(merged_into=F("id")), name="customer_not_merged_into_self"
            ),
        ]
        indexes = [
            search_words_index("customer_search_words"),
            custom_fields_index("customer_custom"),
            # Lists: newest first, all or of one store.
            models.Index(fields=["-last_seen_at", "-id"], name="customer_by_last_seen"),
            models.Index(fields=["store", "-last_seen_at", "-id"], name="customer_of_store_by_seen"),
            models.Index(
                fields=["owner", "-last_seen_at", "-id"],
                name="customer_of_owner_by_seen",
                condition=Q(owner__isnull=False),
            ),
            models.Index(fields=["partner"], name="customer_of_partner", condition=Q(partner__isnull=False)),
            # The other orders of the list, either way round; by level and day they also find the few of many.
            models.Index(fields=["name", "id"], name="customer_in_name_order"),
            models.Index(fields=["level", "id"], name="customer_by_level"),
            models.Index(fields=["created_at", "id"], name="customer_by_since"),
            models.Index(
                fields=["merged_into"], name="customer_cluster", condition=Q(merged_into__isnull=False)
            ),
            # Counting profiles: what says who is in use and who may see them, without reading the wide rows.
            models.Index(
                fields=["id"],
                include=["state", "store", "owner", "partner", "level", "gender"],
                condition=Q(merged_into=None),
                name="customer_heads",
            ),
        ]

    def __str__(self) -> str:
        if self.state == State.ERASED:
            return str(_("Erased customer #%(number)s") % {"number": self.pk})
        return self.name or self.member_number

    @property
    def head_id(self) -> int:
        """The profile this customer shows up in."""
        return self.merged_into_id or self.pk

    @property
    def is_in_use(self) -> bool:
        """Neither erased nor removed."""
        return self.state not in OUT_OF_USE

    @property
    def is_merged(self) -> bool:
        return self.merged_into_id is not None

    @property
    def is_readable(self) -> bool:
        """Whether the personal data can still be opened."""
        return self.state != State.ERASED

    @property
    def may_be_merged(self) -> bool:
        return self.state in (State.ACTIVE, State.REVIEW)


class Collaborator(models.Model):
    """A colleague who looks after the customer beside the owner."""

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="collaborators")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    since = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["customer", "user"], name="customer_collaborator_once")
        ]


class SharedWith(models.Model):
    """A store, other than the home, whose people serve the customer too."""

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="shared_with")
    store = models.ForeignKey("stores.Store", models.PROTECT, related_name="+")
    since = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["customer", "store"], name="customer_shared_once")]


class Tag(models.Model):
    """A word customers are sorted by. Archived ones stay where they are and are offered no more. One that was
    merged points at the tag that stands for it now (never at one that was merged itself): its word leads there."""

    name = models.CharField(_("tag"), max_length=24, unique=True)
    colour = models.CharField(_("colour"), max_length=12, default="gray")
    archived_at = models.DateTimeField(null=True, blank=True)
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="merged", db_index=False
    )

    class Meta:
        ordering = ["name"]
        verbose_name = _("tag")
        verbose_name_plural = _("tags")

    def __str__(self) -> str:
        return self.name


class Tagging(models.Model):
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="taggings")
    tag = models.ForeignKey(Tag, models.PROTECT, related_name="taggings")
    since = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["customer", "tag"], name="customer_tagged_once")]


class TagMerge(models.Model):
    """One tag that became part of another. `moved` are the customers who got the kept tag in its place, `both` those
    who had the two, `rules` the care rules that asked for it: what undoing puts back."""

    kept = models.ForeignKey(Tag, models.PROTECT, related_name="merges_kept")
    joined = models.ForeignKey(Tag, models.PROTECT, related_name="merges_joined")
    moved = ArrayField(models.BigIntegerField(), default=list)
    both = ArrayField(models.BigIntegerField(), default=list)
    rules = ArrayField(models.BigIntegerField(), default=list)
    was_archived_at = models.DateTimeField(null=True, blank=True)
    at = models.DateTimeField(_("when"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    undone_at = models.DateTimeField(_("undone"), null=True, blank=True)

    class Meta:
        verbose_name = _("merge of tags")
        verbose_name_plural = _("merges of tags")
        constraints = [
            models.UniqueConstraint(
                fields=["joined"], name="customer_tag_merged_once", condition=Q(undone_at=None)
            ),
            models.CheckConstraint(condition=~Q(kept=F("joined")), name="customer_tag_not_merged_into_self"),
        ]
