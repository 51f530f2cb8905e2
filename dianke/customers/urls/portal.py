"""The customer's own phone (public, /m/) and the codes that lead there."""

from django.urls import path

from dianke.customers.views import phone, points, portal, registration

urlpatterns = [
    path("m/", portal.card, name="portal"),
    path("m/sign-in/", phone.sign_in, name="portal-sign-in"),
    path("m/sign-out/", phone.sign_out, name="portal-sign-out"),
    path("m/data/", portal.data, name="portal-data"),
    path("m/data/change/", portal.data_change, name="portal-data-change"),
    path("m/numbers/new/", portal.number_new, name="portal-number-new"),
    path("m/numbers/<int:pk>/drop/", portal.number_drop, name="portal-number-drop"),
    path("m/consents/", portal.consents, name="portal-consents"),
    path("m/phones/", portal.phones, name="portal-phones"),
    path("m/requests/", portal.requests, name="portal-requests"),
    path("m/requests/<int:pk>/withdraw/", portal.request_withdraw, name="portal-request-withdraw"),
    path("m/notice/", registration.notice, name="portal-notice"),
    path("m/outbox/", portal.outbox, name="portal-outbox"),
    path("m/r/<str:code>/", registration.register, name="register"),
    path("m/form/<str:code>/", registration.plain_form, name="register-form"),
    path("m/w/<str:token>/", registration.withdraw, name="withdraw"),
    path("customers/registration/", points.point_list, name="points"),
    path("customers/registration/new/", points.point_new, name="point-new"),
    path("customers/registration/<int:pk>/", points.point_page, name="point"),
    path("customers/registration/<int:pk>/change/", points.point_change, name="point-change"),
    path("customers/registration/<int:pk>/poster/", points.poster, name="point-poster"),
    path("customers/registration/<int:pk>/close/", points.point_close, name="point-close"),
    path("customers/registration/<int:pk>/reopen/", points.point_reopen, name="point-reopen"),
]
