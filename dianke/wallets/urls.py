"""Addresses of prepaid value."""

from __future__ import annotations

from django.urls import path

from dianke.wallets.views import card, converting, counter, lists, portal, setting_up, wallet

app_name = "wallets"
urlpatterns = [
    path("customers/<int:pk>/top-up/", counter.top_up, name="top-up"),
    path("customers/<int:pk>/session-cards/new/", counter.sell_card, name="sell-card"),
    path("wallets/", lists.wallet_list, name="wallets"),
    path("wallets/<int:pk>/", wallet.wallet_page, name="wallet"),
    path("wallets/<int:pk>/refund/", wallet.refund, name="refund"),
    path("wallets/<int:pk>/transfer/", wallet.transfer, name="transfer"),
    path("wallets/<int:pk>/freeze/", wallet.freeze, name="freeze"),
    path("wallets/<int:pk>/unfreeze/", wallet.unfreeze, name="unfreeze"),
    path("wallets/<int:pk>/reissue/", wallet.reissue, name="reissue"),
    path("session-cards/", lists.card_list, name="cards"),
    path("session-cards/<int:pk>/", card.card_page, name="card"),
    path("session-cards/<int:pk>/use/", card.use, name="use"),
    path("session-cards/uses/<int:pk>/undo/", card.use_undo, name="use-undo"),
    path("session-cards/<int:pk>/extend/", card.extend, name="extend"),
    path("session-cards/<int:pk>/freeze/", card.card_freeze, name="card-freeze"),
    path("session-cards/<int:pk>/unfreeze/", card.card_unfreeze, name="card-unfreeze"),
    path("session-cards/<int:pk>/reissue/", card.card_reissue, name="card-reissue"),
    path("session-cards/<int:pk>/refund/", card.card_refund, name="card-refund"),
    path("session-cards/<int:pk>/convert/", converting.card_convert, name="card-convert"),
    path("session-cards/<int:pk>/transfer/", card.card_transfer, name="card-transfer"),
    path("settings/top-up-offers/", setting_up.offers, name="offers"),
    path("settings/top-up-offers/new/", setting_up.offer_new, name="offer-new"),
    path("settings/top-up-offers/<int:pk>/", setting_up.offer, name="offer"),
    path("settings/top-up-offers/<int:pk>/end/", setting_up.offer_end, name="offer-end"),
    path("settings/session-card-kinds/", setting_up.kinds, name="kinds"),
    path("settings/session-card-kinds/new/", setting_up.kind_new, name="kind-new"),
    path("settings/session-card-kinds/<int:pk>/", setting_up.kind, name="kind"),
    path("settings/session-card-kinds/<int:pk>/end/", setting_up.kind_end, name="kind-end"),
    path("settings/prepaid-rules/", setting_up.terms, name="terms"),
    path("settings/prepaid-rules/new/", setting_up.term_new, name="term-new"),
    path("settings/prepaid-rules/<int:pk>/check/", setting_up.term_check, name="term-check"),
    path("settings/prepaid-rules/<int:pk>/end/", setting_up.term_end, name="term-end"),
    path("m/prepaid/", portal.prepaid, name="portal-prepaid"),
    path("m/prepaid/code/", portal.code, name="portal-code"),
    path("m/prepaid/refunds/", portal.refunds, name="portal-refunds"),
]
