"""A list over accounts, as a room would declare it, with every kind of column."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db.models import DecimalField, ExpressionWrapper, F, Q, QuerySet, Value

from dianke.access.models import User
from dianke.web.listing import (
    Column,
    Kind,
    Listing,
    choice_filter,
    date_filter,
    listing_by_code,
    register,
    yes_no_filter,
)

CODE = "test.people"


class People(Listing):
    code = CODE
    title = "人员"
    permission = "access.view_users"
    columns = (
        Column("name", "姓名", sort="name", is_title=True),
        Column("username", "登录名", sort="username"),
        Column("phone", "手机", value=lambda user: "13800138000"),
        Column("email", "邮箱", sort="email", needs="access.manage_users"),
        Column("points", "积分", Kind.NUMBER, value=lambda user: 12345),
        Column("spent", "消费", Kind.MONEY, sort="spent", total=True),
        Column("created_at", "创建", Kind.INSTANT, sort="created_at"),
        Column("is_active", "启用", Kind.YES_NO),
        Column("language", "语言", sort="language", is_default=False),
    )
    filters = (
        choice_filter("language", "语言", [("zh-hans", "简体"), ("en", "英文")], quick=True),
        yes_no_filter("active", "启用", condition=Q(is_active=True), yes="启用", no="停用"),
        date_filter("created", "创建", lookup="created_at", instants=True),
    )
    search_fields = ("name", "username")
    default_sort = "name"

    def queryset(self) -> QuerySet[Any]:
        spent = ExpressionWrapper(F("pk") * Value(Decimal("0")) + Value(Decimal("1234.50")), DecimalField())
        return User.objects.visible_to(self.actor).annotate(spent=spent)


def people() -> type[Listing]:
    return listing_by_code(CODE) or register(People)
