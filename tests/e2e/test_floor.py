"""The shop floor on the phone: counted while the shop sells on, and goods that come short from another store."""

from __future__ import annotations

import json
import re
import shutil
import time
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.browser import ARGUMENTS, PHONE, Visitor
from tests.e2e.conftest import Site
from tests.e2e.words import zh

pytestmark = pytest.mark.e2e

_START = """
import json
from decimal import Decimal
from django.utils import timezone
from dianke.access.models import User
from dianke.access.queries import actor_for
from dianke.stores.models import Store
now = timezone.now()
actor = actor_for(User.objects.get(username="linxiulan"), now=now)
"""

_STAFF = f"""{_START}
# By store who counts and sends there, and nowhere else; who approves as well stands first.
found = {{}}
for user in User.objects.filter(is_active=True).order_by("username"):
    who = actor_for(user, now=now)
    reached = who.stores_for("inventory.count_stock")
    if reached and len(reached) == 1:
        (store,) = reached
        kind = "manager" if who.can("inventory.approve_counts") else "clerk"
        found.setdefault(store, {{}}).setdefault(kind, user.username)
stores = {{store.pk: store for store in Store.objects.filter(pk__in=found, closed_on=None)}}
print(json.dumps([
    dict(people, store=pk, name=stores[pk].short_name, entity=stores[pk].legal_entity_id)
    for pk, people in sorted(found.items()) if pk in stores and "clerk" in people
]))
"""


def staff(site: Site) -> list[dict[str, Any]]:
    """Stores with somebody who works only there: `clerk`, perhaps `manager`, `store`, `name`, `entity`."""
    found: list[dict[str, Any]] = json.loads(site.run(_STAFF).strip().splitlines()[-1])
    return found


def stock_up(name: str, code: str, store: int, quantity: int) -> str:
    """A product in a category of its own with a barcode, so many of it on the first shelf; prints variant and category."""
    return f"""{_START}
from dianke.catalog.operations.barcodes import add_barcode
from dianke.catalog.operations.categories import add_category
from dianke.catalog.operations.products import create_product
from dianke.inventory.operations.stocking import Goods, receive
who = dict(actor=actor, now=now)
category = add_category(name="{name}类", **who)
product = create_product(values=dict(name="{name}", category=category), price_amount=12_900, **who)
variant = product.variants.get()
add_barcode(variant=variant, value="{code}", kind="SUPPLIER", **who)
store = Store.objects.get(pk={store})
receive(store=store, goods=[Goods(variant.pk, Decimal({quantity}), Decimal(30))], reference="e2e:{code}",
    business_date=store.business_date(now), **who)
print(json.dumps([variant.pk, category.pk]))
"""


def sell(variant: int, store: int, quantity: int) -> str:
    """The till sells so many."""
    return f"""{_START}
from dianke.core.actor import SYSTEM
from dianke.events.operations import operation, unchanged
from dianke.inventory import operations as stock
store = Store.objects.get(pk={store})
@operation(None)
def sale(*, actor, now):
    unchanged()
    return stock.issue_for_sale(store=store, goods=[stock.Out({variant}, Decimal({quantity}))],
        reference=f"e2e:sale:{{now.timestamp()}}", occurred_at=now, business_date=store.business_date(now),
        actor=actor, now=now)
print(sale(actor=SYSTEM, now=now).document_id)
"""


def on_hand(site: Site, variant: int, store: int) -> str:
    code = f"""{_START}
from dianke.inventory.models import Balance
rows = Balance.objects.filter(variant={variant}, place__store={store}, place__kind="STOCK")
print("/".join(f"{{row.quantity.normalize():f}}" for row in rows))
"""
    return site.run(code).strip().splitlines()[-1]


def fresh(digits: int) -> str:
    """Digits nobody has used: a site that is served on sees the stories more than once."""
    return str(time.time_ns() // 1_000_000)[-digits:]


def scan(who: Visitor, code: str) -> None:
    """What a scanner does: types quickly, wherever the focus is, and ends with Enter."""
    who.page.keyboard.type(code)
    who.page.keyboard.press("Enter")


def test_sell_while_counting(site: Site, chromium: Browser) -> None:
    shop = next(each for each in staff(site) if "manager" in each)
    store = shop["store"]
    name, code = f"水晶吊坠{fresh(6)}", f"E2E{fresh(9)}"
    variant, _category = json.loads(site.run(stock_up(name, code, store, 10)).strip().splitlines()[-1])

    # One of the ten is gone. A clerk opens a blind stocktake of the category and counts nine, with phone and keyboard.
    with site.enter(chromium, shop["clerk"], PHONE) as clerk:
        page = clerk.page
        clerk.go("/stock/counts/")
        page.keyboard.press("n")
        clerk.dialog.locator("#id_where").select_option(f"s{store}")
        clerk.dialog.locator("#id_category").select_option(label=f"{name}类")
        clerk.dialog.locator("#id_name").fill("吊坠盘点")
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile(r"/stock/counts/\d+/$"))
        address = page.url.removeprefix(site.url)
        expect(clerk.main).not_to_contain_text(re.compile(r"\b10\b"))
        page.keyboard.press("c")
        page.wait_for_url("**/counting/")
        expect(page.locator("#fl-code")).to_be_focused()
        scan(clerk, code)
        now = page.locator("[data-now]")
        expect(now.locator("[data-name]")).to_contain_text(name)
        expect(now.locator("[data-entered]")).to_have_text("1")
        # The number is typed on the pad; it stands for the scan.
        now.get_by_role("button", name="7", exact=True).click()
        now.locator("[data-set]").click()
        expect(now.locator("[data-entered]")).to_have_text("7")
        # Seen twice by mistake: taken back.
        scan(clerk, code)
        expect(now.locator("[data-entered]")).to_have_text("8")
        clerk.main.get_by_role("button", name=zh("Undo", context="the last scan")).click()
        expect(page.locator("[data-log] .is-quiet")).to_have_count(1)
        # The network drops: nothing is lost, and nothing counts twice when it is back.
        page.context.set_offline(True)
        scan(clerk, code)
        scan(clerk, code)
        clerk.reads(
            zh("The network is down. Go on counting: they are kept on this phone and sent when it is back.")
        )
        page.context.set_offline(False)
        expect(now.locator("[data-entered]")).to_have_text("9")
        expect(page.locator("[data-sent]")).to_have_text(zh("All sent"))
        clerk.complaints = [each for each in clerk.complaints if "ERR_INTERNET_DISCONNECTED" not in each]
        # What is no goods of ours says what to do.
        scan(clerk, "0000000000")
        clerk.reads(
            zh(
                "No goods have this code. Search by name, or put it aside with a note and tell who enters goods."
            ),
            within=now,
        )
        assert not clerk.barriers()
        assert not clerk.overflow()

        # The till goes on: two are sold after they were counted.
        site.run(sell(variant, store, 2))
        clerk.go(address)
        page.keyboard.press("f")
        clerk.dialog.get_by_role("button", name=zh("Finish counting"), exact=True).press("Enter")
        clerk.is_told(zh("%(count)s line differs: somebody else counts it again.", 1) % {"count": 1})

    # Somebody else looks again: seven are there now, which is one short as before.
    with site.enter(chromium, shop["manager"], PHONE) as manager:
        page = manager.page
        manager.go(address)
        page.keyboard.press("c")
        page.wait_for_url("**/counting/")
        manager.main.locator("[data-again]").click()
        page.locator("#fl-number").fill("7")
        page.locator("#fl-number").press("Enter")
        expect(page.locator("[data-again-entered]")).to_have_text("7")
        manager.go(address)
        page.keyboard.press("f")
        manager.dialog.get_by_role("button", name=zh("Finish counting"), exact=True).press("Enter")
        manager.is_told(zh("Counted. Look at the differences and post it."))
        row = manager.row(name)
        expect(row).to_contain_text("-1")
        expect(row).to_contain_text(zh("two people found the same"))
        assert not manager.barriers()
        assert not manager.overflow()
        page.keyboard.press("p")
        manager.dialog.get_by_role("button", name=zh("Post", context="a stocktake"), exact=True).press(
            "Enter"
        )
        manager.is_told(zh("Posted. The stock is what was counted."))
    assert on_hand(site, variant, store) == "7"


ANSWERS_LATE = """() => {
  const ask = window.fetch;
  window.fetch = async (...asked) => {
    const answer = await ask(...asked);
    await new Promise((done) => setTimeout(done, 700));
    return answer;
  };
}"""


def test_transfer_with_shortage(site: Site, chromium: Browser) -> None:
    everybody = staff(site)
    lake, road = next(
        (one, other)
        for one in everybody
        for other in everybody
        if one["store"] != other["store"] and one["entity"] == other["entity"]
    )
    code = f"E2E{fresh(9)}"
    made = site.run(stock_up(f"香薰礼盒{fresh(6)}", code, lake["store"], 12)).strip().splitlines()[-1]
    variant = json.loads(made)[0]

    with site.enter(chromium, lake["clerk"], PHONE) as sender:
        page = sender.page
        sender.go("/stock/transfers/")
        page.keyboard.press("n")
        page.wait_for_url("**/stock/transfers/new/")
        chosen = page.locator(
            "#id_to_place option", has_text=re.compile(f"^{re.escape(road['name'])} ·")
        ).first
        page.evaluate(ANSWERS_LATE)
        page.locator("#id_to_place").select_option(value=chosen.get_attribute("value"))
        page.locator("#fl-code").focus()
        # Twice, while the answer to the choice of the store is still to come: each counts.
        scan(sender, code)
        scan(sender, code)
        field = page.locator(f"#id_quantity_v{variant}")
        expect(field).to_have_value("2")
        # A code nobody knows keeps what was entered and says what to do.
        scan(sender, "E2ENOBODY")
        expect(page.locator("#fl-problem")).to_contain_text("E2ENOBODY")
        field.fill("5")
        assert not sender.barriers()
        assert not sender.overflow()
        page.get_by_role("button", name=zh("Plan the transfer"), exact=True).press("Enter")
        sender.is_told(zh("Planned. The goods are kept for it until they leave."))
        page.wait_for_url(re.compile(r"/stock/transfers/\d+/$"))
        address = page.url.removeprefix(site.url)
        page.keyboard.press("s")
        page.wait_for_url("**/shipment/")
        # The address changes before the page does.
        sender.reads(zh("Each scan ticks one of it; scanning is not a must."))
        page.wait_for_load_state("networkidle")
        scan(sender, code)
        sender.reads(zh("%%n of %%m in the box").replace("%%n", "1").replace("%%m", "5"))
        page.get_by_role("button", name=zh("Ship", context="goods"), exact=True).first.press("Enter")
        page.locator("#dk-confirm [data-confirm-yes]").press("Enter")
        sender.is_told(zh("On the way. The receiving store sees it now."))

    with site.enter(chromium, road["clerk"], PHONE) as receiver:
        page = receiver.page
        receiver.go("/stock/transfers/?stage=receive")
        receiver.main.locator(f"a.is-main[href='{address}']").press("Enter")
        page.wait_for_url(f"**{address}")
        page.wait_for_load_state("networkidle")
        page.keyboard.press("r")
        page.wait_for_url("**/arrival/")
        # All of it, by one key; then a second look: one is broken, one is not in the box.
        page.keyboard.press("Escape")
        page.locator("[data-all-arrived]").press("Enter")
        expect(page.locator("#id_good_1")).to_have_value("5")
        page.locator("#id_good_1").fill("3")
        page.locator("#id_damaged_1").fill("1")
        page.get_by_role("button", name=zh("Receive", context="goods"), exact=True).first.press("Enter")
        page.locator("#dk-confirm [data-confirm-yes]").press("Enter")
        receiver.error_of("missing_1")
        expect(page.locator("#id_good_1")).to_have_value("3")
        assert not receiver.barriers()
        assert not receiver.overflow()
        page.locator("#id_missing_1").select_option("LOST")
        page.get_by_role("button", name=zh("Receive", context="goods"), exact=True).first.press("Enter")
        page.locator("#dk-confirm [data-confirm-yes]").press("Enter")
        receiver.is_told(zh("Received: the goods are on your shelf."))
        receiver.reads(zh("%(gap)s missing", gap="1"), within=receiver.main)
    assert on_hand(site, variant, lake["store"]) == "7"
    assert on_hand(site, variant, road["store"]) == "3"


# --- the camera ------------------------------------------------------------------------------------------------------
_LEFT = [
    "0001101",
    "0011001",
    "0010011",
    "0111101",
    "0100011",
    "0110001",
    "0101111",
    "0111011",
    "0110111",
    "0001011",
]
_PARITY = ["LLLLLL", "LLGLGG", "LLGGLG", "LLGGGL", "LGLLGG", "LGGLLG", "LGGGLL", "LGLGLG", "LGLGGL", "LGGLGL"]


def with_check_digit(digits: str) -> str:
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return f"{digits}{-total % 10}"


def bars(ean: str) -> str:
    """The modules of an EAN-13 (ISO/IEC 15420), 1 is black."""
    right = [code.translate(str.maketrans("01", "10")) for code in _LEFT]
    codes = {"L": _LEFT, "G": [code[::-1] for code in right]}
    first = "".join(
        codes[side][int(digit)] for side, digit in zip(_PARITY[int(ean[0])], ean[1:7], strict=True)
    )
    return "101" + first + "01010" + "".join(right[int(digit)] for digit in ean[7:]) + "101"


def film(ean: str, path: Path, width: int = 640, height: int = 480) -> None:
    """A film of a code on white paper, as the browser's false camera plays it (YUV4MPEG2)."""
    module, pattern = 4, bars(ean)
    left = (width - module * len(pattern)) // 2
    row = bytearray(b"\xeb" * width)
    for place, bit in enumerate(pattern):
        if bit == "1":
            row[left + place * module : left + (place + 1) * module] = b"\x10" * module
    white = b"\xeb" * width
    picture = b"".join(bytes(row) if 120 < y < 360 else white for y in range(height))
    frame = b"FRAME\n" + picture + b"\x80" * (width * height // 2)
    path.write_bytes(b"YUV4MPEG2 W%d H%d F10:1 Ip A1:1 C420jpeg\n" % (width, height) + frame * 10)


def test_the_camera_reads_codes_until_it_is_closed(site: Site, chromium: Browser, tmp_path: Path) -> None:
    shop = staff(site)[0]
    ean = with_check_digit(f"690{fresh(9)}")
    name = f"摄像头试读{fresh(6)}"
    site.run(stock_up(name, ean, shop["store"], 3))
    film(ean, tmp_path / "code.y4m")
    browser = chromium.browser_type.launch(
        executable_path=shutil.which("chromium") or shutil.which("chromium-browser"),
        args=[
            *ARGUMENTS,
            "--use-fake-ui-for-media-stream",
            "--use-fake-device-for-media-stream",
            f"--use-file-for-fake-video-capture={tmp_path / 'code.y4m'}",
        ],
    )
    try:
        with site.enter(browser, shop["clerk"], PHONE, permissions=["camera"]) as clerk:
            page = clerk.page
            clerk.go("/stock/transfers/new/")
            page.get_by_role("button", name=zh("Scan with the camera")).click()
            sheet = page.locator("dialog.dk-camera[open]")
            expect(sheet.locator(".dk-camera-said")).to_have_text(ean, timeout=30_000)
            expect(page.locator("#transfer-lines .fl-name")).to_have_text(name)
            assert not clerk.barriers()
            # The same code stays in sight: it counts once, and the sheet is still open.
            page.wait_for_timeout(2500)
            expect(page.locator("#transfer-lines input[name^=quantity_]")).to_have_value("1")
            sheet.get_by_role("button", name=zh("Close")).click()
            expect(sheet).to_have_count(0)
            page.locator("#fl-code").fill("")
            assert not clerk.barriers()
    finally:
        browser.close()
