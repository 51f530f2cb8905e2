"""What is done on the shop floor: transfers, counting, customers' things in custody."""

from django.urls import URLPattern, URLResolver, path

from dianke.inventory.views import (
    count_lines,
    count_steps,
    counting,
    counts,
    custody,
    transfer_new,
    transfer_steps,
    transfers,
)

_transfers: list[URLPattern | URLResolver] = [
    path("stock/transfers/", transfers.transfer_list, name="transfers"),
    path("stock/transfers/new/", transfer_new.transfer_new, name="transfer-new"),
    path("stock/transfers/<int:pk>/", transfers.transfer_page, name="transfer"),
    path("stock/transfers/<int:pk>/shipment/", transfer_steps.transfer_ship, name="transfer-ship"),
    path("stock/transfers/<int:pk>/arrival/", transfer_steps.transfer_receive, name="transfer-receive"),
    path("stock/transfers/<int:pk>/return/", transfer_steps.transfer_return, name="transfer-return"),
    path("stock/transfers/<int:pk>/cancellation/", transfer_steps.transfer_cancel, name="transfer-cancel"),
    path("stock/transfers/<int:pk>/note/", transfers.transfer_note, name="transfer-note"),
]
_counts: list[URLPattern | URLResolver] = [
    path("stock/counts/", counts.count_list, name="counts"),
    path("stock/counts/new/", count_steps.count_new, name="count-new"),
    path("stock/counts/lines/", count_lines.count_line_list, name="count-lines"),
    path("stock/counts/<int:pk>/", counts.count_page, name="count"),
    path("stock/counts/<int:pk>/counting/", counting.count_enter, name="count-enter"),
    path("stock/counts/<int:pk>/entries/", counting.count_entries, name="count-entries"),
    path("stock/counts/<int:pk>/sheet/", counts.count_sheet, name="count-sheet"),
    path("stock/counts/<int:pk>/submission/", count_steps.count_submit, name="count-submit"),
    path("stock/counts/<int:pk>/posting/", count_steps.count_post, name="count-post"),
    path("stock/counts/<int:pk>/cancellation/", count_steps.count_cancel, name="count-cancel"),
]
_custody: list[URLPattern | URLResolver] = [
    path("stock/custody/", custody.custody_list, name="custody"),
    path("stock/custody/new/", custody.custody_new, name="custody-new"),
    path("stock/custody/of/<int:pk>/", custody.custody_of, name="custody-of"),
    path("stock/custody/<int:pk>/", custody.custody_page, name="custody-item"),
    path("stock/custody/<int:pk>/return/", custody.custody_give_back, name="custody-give-back"),
    path("stock/custody/<int:pk>/slip/", custody.custody_slip, name="custody-slip"),
]
urlpatterns: list[URLPattern | URLResolver] = [*_transfers, *_counts, *_custody]
