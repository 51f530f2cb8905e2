"""The part of prepaid value in the API; `routers` is listed in `dianke/config/api.py`."""

from dianke.wallets.api import card_changes, cards, setting_up, wallets

routers = (wallets.router, cards.router, card_changes.router, setting_up.router)
