"""A report in words and as a file: how a value of each unit is written, and the sheet that is exported or mailed."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from dianke.catalog.models import Unit
from dianke.core.errors import Text
from dianke.insight.queries.reports import Told
from dianke.insight.rules.reports import Period
from dianke.insight.rules.terms import Measure
from dianke.sales.queries.reports import quantities
from dianke.sales.queries.reports.figures import names_of
from dianke.sales.rules.report_terms import By, Span
from dianke.web.exports import write_xlsx
from dianke.web.formats import calendar_day, money, number
from dianke.web.listing import Column, Kind

LABELS: dict[By, Text] = {
    By.DAY: gettext_lazy("Day"),
    By.WEEK: gettext_lazy("Week"),
    By.MONTH: gettext_lazy("Month"),
    By.WEEKDAY: gettext_lazy("Weekday"),
    By.HOUR: pgettext_lazy("dimension", "Hour"),
    By.STORE: gettext_lazy("Store"),
    By.PRODUCT: gettext_lazy("Product"),
    By.CATEGORY: gettext_lazy("Category"),
    By.BRAND: gettext_lazy("Brand"),
    By.STAFF: gettext_lazy("Staff"),
    By.CHANNEL: gettext_lazy("Channel"),
    By.NOVELTY: gettext_lazy("New or returning"),
    By.LEVEL: gettext_lazy("Level"),
}
PERIODS: dict[Period, Text] = {
    Period.TODAY: gettext_lazy("Today"),
    Period.YESTERDAY: gettext_lazy("Yesterday"),
    Period.DAYS_7: gettext_lazy("Last 7 days"),
    Period.DAYS_30: gettext_lazy("Last 30 days"),
    Period.DAYS_90: gettext_lazy("Last 90 days"),
    Period.DAYS_365: gettext_lazy("Last 365 days"),
    Period.WEEK: gettext_lazy("This week"),
    Period.MONTH: gettext_lazy("This month"),
    Period.LAST_MONTH: gettext_lazy("Last month"),
    Period.YEAR: gettext_lazy("This year"),
    Period.CUSTOM: gettext_lazy("Days of my choice"),
}


def plain(measure: Measure, value: Any) -> Decimal | int | None:
    """The value as a number: whole units of the currency, percent, a quantity where one unit says it all."""
    if value is not None and measure.unit == "quantity":
        value = value.number
    if value is None:
        return None
    if measure.unit in ("money", "share"):
        return Decimal(value) / 100
    return quantities.plain(value) if isinstance(value, Decimal) else int(value)


def written(
    measure: Measure, value: Any, currency: str, units: Sequence[Unit] = (), most_units: int | None = None
) -> str:
    """The value as the screen says it; a dash where it means nothing. `units`: those of quantities."""
    if value is not None and measure.unit == "quantity":
        return quantities.quantity_text(value, units, most=most_units) or number(0)
    found = plain(measure, value)
    if found is None:
        return "–"
    if measure.unit == "money":
        return money(Decimal(found), currency)
    return f"{found:.1f}%" if measure.unit == "share" else number(found)


@dataclass(frozen=True, slots=True)
class Series:
    """What has one number per row: a measure, the one at `place`; of a quantity what there is in one unit."""

    measure: Measure
    place: int
    unit: Unit | None = None

    @property
    def label(self) -> Text:
        return quantities.in_unit_label(self.measure.label, self.unit) if self.unit else self.measure.label

    def of(self, values: Sequence[Any]) -> Decimal | int | None:
        value = values[self.place]
        return quantities.plain(value.in_unit(self.unit.pk)) if self.unit else plain(self.measure, value)

    def written(self, values: Sequence[Any], currency: str) -> str:
        if self.unit:
            return f"{number(self.of(values) or 0)} {self.unit.name}"
        return written(self.measure, values[self.place], currency)

    def axis(self, currency: str) -> str:
        """What an axis of it is called."""
        if self.unit:
            return self.unit.name
        if self.measure.unit == "money":
            return pgettext("unit of a chart", "yuan") if currency == "CNY" else currency
        if self.measure.unit == "share":
            return "%"
        if self.measure.unit == "quantity":
            return pgettext("unit of a chart", "pieces")
        if self.measure.code == "items":
            return pgettext("unit of a chart", "pieces per order")
        is_people = "customers" in self.measure.code
        return pgettext("unit of a chart", "people") if is_people else pgettext("unit of a chart", "papers")


def series_of(told: Told) -> list[Series]:
    """The measures in their order, a quantity once for each of its units."""
    return [
        Series(measure, place, unit)
        for place, measure in enumerate(told.measures)
        for unit in (told.units if measure.unit == "quantity" and told.units else (None,))
    ]


def days_text(span: Span, today: date) -> str:
    """ "11月1日 – 11月21日", one day by itself."""
    first, last = calendar_day(span.first, today), calendar_day(span.last, today)
    return first if span.first == span.last else f"{first} – {last}"


def weekdays() -> list[str]:
    """The names of the days, from Monday on."""
    keys = [str(day) for day in range(1, 8)]
    return list(names_of(By.WEEKDAY, keys, Span(date.min, date.min)).values())


@dataclass(frozen=True, slots=True)
class Row:
    labels: tuple[str, ...]
    values: tuple[Any, ...]
    currency: str


def _rows(told: Told) -> Iterator[Row]:
    total = pgettext("last row of a report", "Total")
    for block in told.blocks:
        for line in block.lines:
            yield Row(line.labels, line.values, block.currency)
        yield Row((total, *[""] * (len(told.spec.by) - 1)), block.whole, block.currency)


def _columns(told: Told) -> list[Column]:
    """The dimensions, the measures as plain numbers (quantities in a column per unit), the currency where there are
    several."""

    def label(place: int) -> Any:
        return lambda row: row.labels[place]

    def value(each: Series) -> Any:
        return lambda row: (each.of(row.values) or None) if each.unit else each.of(row.values)

    dimensions = [LABELS[by] for by in told.spec.by] or [""]
    columns = [Column(f"by{place}", name, value=label(place)) for place, name in enumerate(dimensions)]
    for each in series_of(told):
        measure, code = each.measure, each.measure.code
        name = f"{measure.label} (%)" if measure.unit == "share" else each.label
        kind = Kind.MONEY if measure.unit == "money" else Kind.NUMBER
        code = f"{code}_{each.unit.code}" if each.unit else code
        columns.append(Column(code, name, kind, value=value(each)))
    if len(told.blocks) > 1:
        columns.append(Column("currency", _("Currency"), value=lambda row: row.currency))
    return columns


def sheet(told: Told, *, reader: str, at: datetime) -> bytes:
    """The report as an Excel file, with who took it when in its footer. It has at most `MOST_ROWS` rows a currency."""
    note = _("Exported by %(name)s at %(time)s") % {
        "name": reader,
        "time": timezone.localtime(at).strftime("%Y-%m-%d %H:%M"),
    }
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "report.xlsx"
        zone = timezone.get_current_timezone_name()
        write_xlsx(path, _columns(told), _rows(told), zone=zone, note=note, progress=lambda count: None)
        return path.read_bytes()
