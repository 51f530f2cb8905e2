"""Addresses of promotions and coupons."""

from django.urls import path

from dianke.promotions.views import coupons, kinds, portal, promotions

app_name = "promotions"
urlpatterns = [
    path("promotions/", promotions.promotion_list, name="promotions"),
    path("promotions/new/", promotions.promotion_new, name="promotion-new"),
    path("promotions/sentence/<str:kind>/", promotions.promotion_sentence_view, name="promotion-sentence"),
    path("promotions/<int:pk>/", promotions.promotion_page, name="promotion"),
    path("promotions/<int:pk>/edit/", promotions.promotion_edit, name="promotion-edit"),
    path("promotions/<int:pk>/start/", promotions.promotion_start, name="promotion-start"),
    path("promotions/<int:pk>/pause/", promotions.promotion_pause, name="promotion-pause"),
    path("promotions/<int:pk>/end/", promotions.promotion_end, name="promotion-end"),
    path("promotions/<int:pk>/copy/", promotions.promotion_copy, name="promotion-copy"),
    path("promotions/<int:pk>/history/", promotions.promotion_history, name="promotion-history"),
    path("coupons/", coupons.coupon_list, name="coupons"),
    path("coupons/lookup/", coupons.lookup, name="lookup"),
    path("coupons/give/", coupons.give, name="give"),
    path("coupons/revoke/", coupons.revoke, name="revoke"),
    path("coupons/codes/", kinds.code_list, name="codes"),
    path("coupons/<int:pk>/", coupons.coupon_page, name="coupon"),
    path("coupons/kinds/", kinds.kind_list, name="kinds"),
    path("coupons/kinds/new/", kinds.kind_new, name="kind-new"),
    path("coupons/kinds/sentence/<str:kind>/", kinds.kind_sentence, name="kind-sentence"),
    path("coupons/kinds/<int:pk>/", kinds.kind_page, name="kind"),
    path("coupons/kinds/<int:pk>/edit/", kinds.kind_edit, name="kind-edit"),
    path("coupons/kinds/<int:pk>/state/", kinds.kind_state, name="kind-state"),
    path("coupons/kinds/<int:pk>/codes/", kinds.kind_print, name="kind-print"),
    path("coupons/kinds/<int:pk>/history/", kinds.kind_history, name="kind-history"),
    path("m/coupons/", portal.coupons, name="portal-coupons"),
    path("m/coupons/claim/", portal.claim, name="portal-claim"),
]
