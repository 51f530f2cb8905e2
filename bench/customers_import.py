"""Importing customers from a CSV file, end to end as the worker does it: read, validated, sealed, indexed,
matched on exact keys; and beside it django-import-export writing the same columns into the same tables
through the models.

The file is generated from a seed: one row in fifty repeats an earlier phone with the same name, one in a
hundred shares a number under another name, one in two hundred has a number that is wrong.
"""

from __future__ import annotations

import csv
import io
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil

from bench.customers_data import GIVEN, PREFIXES, SURNAMES, cumulated, person_name, prepare_merchant
from bench.figures import Figure

ROWS, QUICK_ROWS, OTHER_ROWS, QUICK_OTHER_ROWS = 1_000_000, 30_000, 20_000, 2_000
HEADERS = ("姓名", "手机号", "性别", "生日", "邮箱", "会员卡号", "城市", "备注")
SEED = 7


def run(quick: bool) -> list[Figure]:
    """`customers.import_rows_per_s`, the other library's rate, and how much the memory grew over the run."""
    from dianke.core.database import Cluster

    sizes = (QUICK_ROWS, QUICK_OTHER_ROWS) if quick else (ROWS, OTHER_ROWS)
    with tempfile.TemporaryDirectory(prefix="dianke-bench-import-") as home:
        Path(home).chmod(0o711)  # the server may run as a user of its own
        cluster = Cluster(Path(home) / "postgres", profile="durable")
        try:
            environment = os.environ | {
                "DIANKE_DATA": home,
                "DATABASE_URL": cluster.ensure_started(),
                "DJANGO_SETTINGS_MODULE": os.environ.get("DJANGO_SETTINGS_MODULE", "dianke.config.settings"),
            }
            command = [sys.executable, "-m", "bench.customers_import", *map(str, sizes)]
            told = subprocess.run(
                command, env=environment, check=True, stdout=subprocess.PIPE, text=True, timeout=1800
            )
        finally:
            cluster.discard()
    ours, theirs, growth = map(float, told.stdout.split()[-3:])
    return [
        Figure("customers.import_rows_per_s", ours, "rows/s"),
        Figure("customers.import_export_rows_per_s", theirs, "rows/s"),
        Figure("customers.import_memory_growth_mb", growth, "MB"),
    ]


def measure(rows: int, other_rows: int) -> tuple[float, float, float]:
    """Our rate, the other library's, and the MB our process grew; on an empty database of its own."""
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", interactive=False, verbosity=0)
    owner = prepare_merchant(datetime.now(UTC))["owner"]
    theirs = _their_rate(list(_rows(other_rows, SEED + 1)))
    ours, growth, counts = _our_rate(rows, owner)
    sys.stderr.write(f"  {counts}\n")
    return ours, theirs, growth


def _rows(count: int, seed: int) -> Iterator[tuple[str, ...]]:
    chance = random.Random(seed)
    surnames = cumulated(SURNAMES)
    given: list[float] = []
    for rank in range(len(GIVEN)):
        given.append((given[-1] if given else 0.0) + 1 / (rank + 12))
    earlier: list[tuple[str, str]] = []
    for number in range(count):
        name = person_name(chance, surnames, given)
        phone = f"{chance.choice(PREFIXES)}{chance.randrange(10**8):08}"
        dice = chance.random()
        if earlier and dice < 0.02:
            name, phone = chance.choice(earlier)
        elif earlier and dice < 0.03:
            phone = chance.choice(earlier)[1]
        elif dice < 0.035:
            phone = phone[:-1]
        elif len(earlier) < 50_000:
            earlier.append((name, phone))
        born = f"{chance.randrange(1950, 2008)}-{chance.randrange(1, 13):02}-{chance.randrange(1, 29):02}"
        email = f"user{number}@example.com" if chance.random() < 0.2 else ""
        note = "喜欢安静的位置" if chance.random() < 0.05 else ""
        yield (
            name,
            phone,
            chance.choice("男女"),
            born if chance.random() < 0.6 else "",
            email,
            "",
            "杭州",
            note,
        )


def _our_rate(count: int, owner: Any) -> tuple[float, float, str]:
    """Rows per second of the run that writes; MB it grew from its first third to its end, the processes that read
    ahead included (they start within that third); and the counts.
    """
    from dianke.access.queries import actor_for
    from dianke.imports import operations, running
    from dianke.imports.models import ImportRun

    def clock() -> datetime:
        return datetime.now(UTC)

    actor = actor_for(owner, now=clock())
    made = operations.upload_file(
        importer="customers", file_name="members.csv", chunks=_chunks(count), actor=actor, now=clock()
    )
    made = operations.check_run(
        run=made,
        mapping={int(index): code for index, code in made.mapping.items()},
        match_rule=made.match_rule,
        options=made.options,
        actor=actor,
        now=clock(),
    )
    started = time.perf_counter()
    running.work(made.pk, clock)
    sys.stderr.write(f"  dry run: {count / (time.perf_counter() - started):.0f} rows/s\n")
    made.refresh_from_db()
    operations.start_run(run=made, actor=actor, now=clock())
    process, sizes = psutil.Process(), []

    def clock_and_size() -> datetime:
        size = process.memory_info().rss
        for reader in process.children():
            with suppress(psutil.NoSuchProcess):
                size += reader.memory_info().rss
        sizes.append(size)
        return clock()

    started = time.perf_counter()
    running.work(made.pk, clock_and_size)
    seconds = time.perf_counter() - started
    made = ImportRun.objects.get(pk=made.pk)
    if made.state != ImportRun.State.DONE:
        raise RuntimeError(f"the import ended as {made.state}: {made.failure}")
    told = f"new {made.created_count}, added to {made.updated_count}, errors {made.error_count}"
    start = sizes[len(sizes) // 3]
    return count / seconds, max(0.0, (max(sizes) - start) / 2**20), told


def _chunks(count: int) -> Iterator[bytes]:
    """The CSV file in pieces, in GBK as most such files are."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(HEADERS)
    for number, row in enumerate(_rows(count, SEED)):
        writer.writerow(row)
        if number % 5000 == 4999:
            yield text.getvalue().encode("gbk")
            text.seek(0)
            text.truncate()
    yield text.getvalue().encode("gbk")


def _their_rate(rows: list[tuple[str, ...]]) -> float:
    """Rows per second of django-import-export with a resource for the same columns: the customer with its own
    key, one sealed phone with its indexes; no records, no matching."""
    import tablib
    from import_export import fields, resources

    from dianke.core.data_keys import issue_data_key
    from dianke.core.errors import InvalidInput
    from dianke.core.ids import uuid7
    from dianke.core.phone import parse
    from dianke.customers.models import KEY_KIND, ContactPoint, Customer, SourceRecord
    from dianke.customers.rules.numbers import search_words

    class CustomerResource(resources.ModelResource):  # type: ignore[misc]
        name = fields.Field(attribute="name", column_name="姓名")
        member_number = fields.Field(attribute="member_number", column_name="会员卡号")

        class Meta:
            model = Customer
            import_id_fields = ("member_number",)
            fields = ("name", "member_number")
            use_transactions = True

        def before_save_instance(self, instance: Customer, row: Any, **kwargs: Any) -> None:
            now = datetime.now(UTC)
            instance.uuid = uuid7()
            instance.key = issue_data_key(KEY_KIND, instance.uuid)
            instance.channel, instance.created_at, instance.last_seen_at = "IMPORT", now, now
            instance.search_words = search_words(instance.name, "", instance.member_number)

        def after_save_instance(self, instance: Customer, row: Any, **kwargs: Any) -> None:
            try:
                phone = parse(row["手机号"]).e164
            except InvalidInput:
                return
            record = SourceRecord.objects.create(  # type: ignore[misc]
                key=instance.key,
                customer=instance,
                channel="IMPORT",
                received_at=instance.created_at,
                payload={"raw": dict(row)},
            )
            ContactPoint.objects.create(  # type: ignore[misc]
                key=instance.key,
                customer=instance,
                record=record,
                kind="PHONE",
                value=phone,
                created_at=instance.created_at,
            )

    data = tablib.Dataset(
        *[(*row[:5], f"X{number:08}", *row[6:]) for number, row in enumerate(rows)], headers=HEADERS
    )
    started = time.perf_counter()
    result = CustomerResource().import_data(data, dry_run=False, raise_errors=True)
    seconds = time.perf_counter() - started
    if result.totals["new"] != len(rows):
        raise RuntimeError(f"django-import-export took in {result.totals}")
    return len(rows) / seconds


if __name__ == "__main__":
    sys.stdout.write(" ".join(f"{value:.1f}" for value in measure(int(sys.argv[1]), int(sys.argv[2]))) + "\n")
