"""Addresses of stock: what is where, and what is done on the shop floor."""

from dianke.inventory.urls import floor, stock

app_name = "inventory"
urlpatterns = [*stock.urlpatterns, *floor.urlpatterns]
