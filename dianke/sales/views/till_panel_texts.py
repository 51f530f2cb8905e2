"""What the panels of the till say besides selling: past sales. By the names its scripts use."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

PANEL_TEXTS: dict[str, str | Promise] = {
    "past": pgettext_lazy("till", "Past sales"),
    "past_search": pgettext_lazy("till", "Find a sale"),
    "past_search_hint": pgettext_lazy("till", "Number, or the member's last four digits"),
    "past_offline": pgettext_lazy("till", "Offline: only sales this till made itself stand here."),
    "past_none": pgettext_lazy("till", "No sale yet. What is sold here stands here afterwards."),
    "past_not_found": pgettext_lazy(
        "till", "No sale for “%(text)s”. Type the whole number, or the member's phone."
    ),
    "past_unsent": pgettext_lazy("till", "Not sent yet"),
    "past_unsent_hint": pgettext_lazy(
        "till", "Its number comes when it is sent; then the receipt is printed and goods can come back."
    ),
    "past_returned": pgettext_lazy("till", "goods came back"),
    "past_came_back": pgettext_lazy("till", "%(count)s came back"),
    "past_total": pgettext_lazy("till", "Total"),
    "print_again": pgettext_lazy("till", "Print the receipt"),
    "key_past": pgettext_lazy("till", "Past sales, print again"),
}
