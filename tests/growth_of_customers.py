"""What `Growth` adds of customers: more of them, and more of everything to the one whose pages are opened."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from dianke.access.models import User
from dianke.customers.models import Channel, Customer, Household
from dianke.customers.operations import (
    assigning,
    care,
    contacts,
    files,
    notes,
    register,
    relations,
    rights,
    tags,
)
from dianke.customers.operations.entry import enter_customer
from dianke.customers.operations.merges import merge_customers
from dianke.customers.operations.registration import make_registration_point
from dianke.customers.rules.entry import AddressEntry, ConsentEntry, DateEntry, Entry, PhoneEntry
from dianke.imports.operations import upload_file
from dianke.stores.models import Partner, Store

DAY = "1990-%m-%d"


class Customers:
    """`subject` is the customer whose pages tests open, `pair` two possible duplicates."""

    def __init__(self, store: Store, who: dict[str, Any]) -> None:
        self.store, self.who = store, who
        self.now: datetime = who["now"]
        self.partner = Partner.objects.filter(is_active=True).first()
        self.subject = self._enter("温如言", "15490000000")
        self.guest = self._enter("温如玉", "15490000000")
        self.home: Household | None = None

    def _enter(self, name: str, phone: str, **more: Any) -> Customer:
        entry = Entry(name=name, phones=(PhoneEntry(text=phone),), **more)
        done = enter_customer(
            entry=entry,
            channel=Channel.COUNTER,
            store=self.store,
            partner=self.partner,
            as_new=True,
            **self.who,
        )
        return done.customer

    def add(self, number: int, word: str, colleague: User) -> None:
        """One more of everything."""
        who, today = self.who, self.now.strftime(DAY)
        another = self._enter(
            f"顾客{word}",
            f"1549100{number:04}",
            birthday=DateEntry.parse(today),
            consents=(ConsentEntry("MARKETING"),),
        )
        self._enter(f"同号{word}", f"1549100{number:04}")
        subject = self.subject
        # Some early, some late: a profile holds only so many numbers.
        if number % 20 in (1, 2):
            joined = self._enter(f"并入{word}", f"1549200{number:04}")
            merge_customers(kept=subject, joined=joined, **who)
            subject = self.subject = Customer.objects.get(pk=subject.pk)
            contacts.add_contact_point(customer=subject, kind="PHONE", value=f"1549300{number:04}", **who)
            contacts.add_address(
                customer=subject, address=AddressEntry(text=f"浙江省杭州市西湖区文三路 {number} 号"), **who
            )
        contacts.add_date(customer=subject, date=DateEntry.parse(today, kind="OTHER", label=word), **who)
        relations.relate(customer=subject, other=another, kind="FRIEND", **who)
        if self.home is None:
            self.home = relations.make_household(name="温家", members=[subject, another], **who)
        else:
            relations.join_household(household=self.home, customer=another, **who)
        tag = tags.make_tag(name=f"标签{word}", **who)
        tags.tag_customers(customers=[subject, another], tags=[tag], **who)
        notes.add_note(customer=subject, text=f"第{word}条", kind="VISIT", **who)
        files.add_file(customer=subject, name=f"{word}.pdf", content=b"%PDF-1.4\n%%EOF\n", **who)
        assigning.add_collaborator(customer=subject, user=colleague, **who)
        assigning.share_with_store(customers=[subject], store=Store.objects.latest("pk"), **who)
        rights.open_request(customer=another, kind="ACCESS", channel=Channel.COUNTER, **who)
        care.make_care_rule(
            values={
                "name": f"{word}关怀",
                "kind": "BIRTHDAY",
                "days_before": 3,
                "title": f"{word}问候",
                "note": "",
            },
            **who,
        )
        register.add_activity(
            values={
                "name": f"{word}登记",
                "purpose": "服务",
                "ground": "合同",
                "categories": "姓名",
                "retention": "三年",
            },
            **who,
        )
        make_registration_point(name=f"{word}立牌", store=self.store, **who)
        rows = f"姓名,手机号\r\n导入{word},1549400{number:04}\r\n"
        upload_file(importer="customers", file_name=f"{word}.csv", chunks=[rows.encode()], **who)
