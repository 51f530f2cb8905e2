from django.urls import path

from dianke.stores.views import calendar, organisation, staff, stores

app_name = "stores"

urlpatterns = [
    path("stores/", stores.store_list, name="stores"),
    path("stores/new/", stores.store_new, name="store-new"),
    path("stores/<int:pk>/", stores.store_page, name="store"),
    path("stores/<int:pk>/edit/", stores.store_edit, name="store-edit"),
    path("stores/<int:pk>/close/", stores.store_close, name="store-close"),
    path("stores/<int:pk>/reopen/", stores.store_reopen, name="store-reopen"),
    path("stores/<int:pk>/hours/", stores.opening_hours, name="hours"),
    path("stores/<int:pk>/registers/new/", stores.register_form, name="register-new"),
    path("stores/<int:pk>/registers/<int:register_pk>/", stores.register_form, name="register"),
    path("stores/<int:pk>/places/new/", stores.stock_place_form, name="place-new"),
    path("stores/<int:pk>/places/<int:place_pk>/", stores.stock_place_form, name="place"),
    path("calendar/", calendar.calendar_page, name="calendar"),
    path("calendar/days/new/", calendar.day_form, name="day-new"),
    path("calendar/days/<int:pk>/clear/", calendar.day_clear, name="day-clear"),
    path("staff/", staff.staff_list, name="staff-list"),
    path("staff/hire/", staff.hire, name="staff-hire"),
    path("staff/<int:pk>/", staff.staff_page, name="staff"),
    path("staff/<int:pk>/edit/", staff.staff_edit, name="staff-edit"),
    path("staff/<int:pk>/post/", staff.post, name="staff-post"),
    path("staff/<int:pk>/release/", staff.release, name="staff-release"),
    path("staff/<int:pk>/keep/", staff.keep, name="staff-keep"),
    path("postings/<int:pk>/end/", staff.posting_end, name="posting-end"),
    path("postings/<int:pk>/transfer/", staff.transfer, name="posting-transfer"),
    path("organisation/", organisation.organisation, name="organisation"),
    path("organisation/merchant/", organisation.merchant_edit, name="merchant-edit"),
    path("organisation/entities/new/", organisation.entity_form, name="entity-new"),
    path("organisation/entities/<int:pk>/", organisation.entity_form, name="entity"),
    path("organisation/partners/new/", organisation.partner_form, name="partner-new"),
    path("organisation/partners/<int:pk>/", organisation.partner_form, name="partner"),
    path("organisation/partners/<int:pk>/shares/new/", organisation.holding_new, name="holding-new"),
    path("organisation/shares/<int:pk>/end/", organisation.holding_end, name="holding-end"),
    path("organisation/regions/new/", organisation.region_form, name="region-new"),
    path("organisation/regions/<int:pk>/", organisation.region_form, name="region"),
]
