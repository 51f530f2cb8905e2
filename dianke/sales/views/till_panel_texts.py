"""What the panels of the till say besides selling: past sales, the drawer and who has it, sales that
were refused or come from another till, what is paid ahead. By the names its scripts use."""

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
    "open_drawer": pgettext_lazy("till", "Open the drawer"),
    "open_drawer_note": pgettext_lazy("till", "Without a sale; noted with a reason"),
    "open_drawer_hint": pgettext_lazy("till", "Noted with your name and the reason."),
    "why_change": pgettext_lazy("till", "Giving change"),
    "why_check": pgettext_lazy("till", "Checking the cash"),
    "drawer_open": pgettext_lazy("till", "The drawer is open. It is noted."),
    "drawer_by_key": pgettext_lazy("till", "Noted. No printer answers: open the drawer with its key."),
    "hand_over": pgettext_lazy("till", "Hand the drawer over"),
    "hand_over_note": pgettext_lazy("till", "Counted once: your shift ends, a colleague's begins"),
    "hand_over_hint": pgettext_lazy(
        "till", "Count the drawer together. What is counted is the float of your colleague."
    ),
    "hand_over_to": pgettext_lazy("till", "Who takes it"),
    "hand_over_whom": pgettext_lazy("till", "Choose who takes the drawer."),
    "hand_over_nobody": pgettext_lazy(
        "till",
        "Nobody else works in this store. End the shift instead, or ask the manager to add a colleague.",
    ),
    "hand_over_sure": pgettext_lazy(
        "till", "%(name)s takes %(amount)s. Your shift ends now and cannot be opened again."
    ),
    "hand_over_do": pgettext_lazy("till", "Hand over"),
    "handed_over": pgettext_lazy("till", "%(name)s has the drawer now."),
    "unsent_many": pgettext_lazy("till", "Sales to send: %(count)s"),
    "retry_held": pgettext_lazy("till", "Try those refused again"),
    "retried": pgettext_lazy("till", "Sent. Nothing is refused any more."),
    "still_refused": pgettext_lazy("till", "Refused once more: %(count)s. What is wrong stands above."),
    "import_queue": pgettext_lazy("till", "Take them in from a file"),
    "import_file": pgettext_lazy("till", "File of another till"),
    "import_hint": pgettext_lazy(
        "till", "Saved at a till that cannot send any more. Sales that are here already are left out."
    ),
    "import_do": pgettext_lazy("till", "Take in"),
    "imported": pgettext_lazy("till", "Taken in: %(count)s. They are being sent."),
    "imported_none": pgettext_lazy("till", "Nothing new in this file: all of it is here already."),
    "prepaid": pgettext_lazy("till", "Top up, sell a card or level"),
    "prepaid_for": pgettext_lazy("till", "Top up, card: %(name)s"),
    "prepaid_note": pgettext_lazy("till", "paid with this sale"),
    "prepaid_needs_line": pgettext_lazy("till", "needs a connection"),
    "prepaid_offline": pgettext_lazy(
        "till",
        "Top-ups and cards need a connection. Come back when the till is online; goods can be sold on.",
    ),
    "top_up_offers": pgettext_lazy("till", "Offers"),
    "top_up_gift": pgettext_lazy("till", "+ %(amount)s free"),
    "top_up_no_offer": pgettext_lazy(
        "till", "No offer holds for this member now. Any amount can be topped up."
    ),
    "top_up_amount": pgettext_lazy("till", "Amount to top up"),
    "top_up_gives": pgettext_lazy("till", "%(amount)s are given with it (%(name)s)."),
    "top_up_gives_nothing": pgettext_lazy("till", "Nothing is given with this amount."),
    "member_levels": pgettext_lazy("till", "Member levels"),
    "level_for": pgettext_lazy("till", "for %(days)s days"),
    "session_cards": pgettext_lazy("till", "Session cards"),
    "no_cards": pgettext_lazy(
        "till", "No session card is sold here. Create one under Settings, Stored value."
    ),
    "card_holds": pgettext_lazy("till", "%(name)s × %(count)s"),
    "card_holds_gifted": pgettext_lazy("till", "%(name)s × %(count)s + %(gifted)s free"),
    "card_valid": pgettext_lazy("till", "good for %(days)s days"),
    "into_the_sale": pgettext_lazy("till", "Into this sale"),
    "prepaid_not_here": pgettext_lazy("till", "given back on the customer's page"),
    "no_cash_for_top_ups": pgettext_lazy(
        "till", "%(amount)s are topped up in this sale. From %(below)s on cash is not taken."
    ),
    "tenders_elsewhere": pgettext_lazy(
        "till", "%(names)s: online, for goods alone, the whole amount, and no points used."
    ),
    "channel_hint": pgettext_lazy(
        "till", "%(tender)s takes the whole amount. The goods leave when the customer has paid."
    ),
    "channel_ask": pgettext_lazy("till", "Ask for %(amount)s"),
    "channel_wait": pgettext_lazy("till", "Waiting for the customer to pay"),
    "channel_scan": pgettext_lazy("till", "The customer scans this code to pay."),
    "channel_seconds": pgettext_lazy("till", "%(count)s s"),
    "channel_long": pgettext_lazy("till", "Nothing is paid yet. Ask the customer, or call it off."),
    "channel_silent": pgettext_lazy(
        "till", "No answer yet. It is asked again by itself; do not take the money a second time."
    ),
    "channel_cancel": pgettext_lazy("till", "Call it off"),
    "channel_failed": pgettext_lazy("till", "Nothing was paid. The goods are still in the basket."),
    "channel_other": pgettext_lazy("till", "Pay another way"),
    "channel_reason": pgettext_lazy("till", "Not paid at the till"),
    "channel_left": pgettext_lazy(
        "till", "Order %(number)s stays open under Orders; its payment is asked about by itself."
    ),
    "channel_leave": pgettext_lazy("till", "Leave it open"),
    "channel_stuck": pgettext_lazy("till", "It is paid, but the goods of order %(number)s cannot leave."),
    "channel_goods": pgettext_lazy("till", "Paid. Hand the goods over under Orders: %(number)s."),
    "channel_try": pgettext_lazy("till", "Try again"),
    "order_off": pgettext_lazy("till", "Whole order"),
    "order_off_share": pgettext_lazy("till", "Share"),
    "order_off_share_label": pgettext_lazy("till", "Share that is paid"),
    "order_off_share_hint": pgettext_lazy("till", "9 or 90 is ninety per cent, 8.8 or 88 is eighty-eight."),
    "order_off_amount": pgettext_lazy("till", "Amount off"),
    "order_off_amount_label": pgettext_lazy("till", "Off the whole order"),
    "order_off_amount_hint": pgettext_lazy("till", "Spread over the goods by what they cost."),
    "order_off_total": pgettext_lazy("till", "To a total"),
    "order_off_total_label": pgettext_lazy("till", "Total of this order"),
    "order_off_total_hint": pgettext_lazy("till", "Before points. Goods added later come on top."),
    "order_off_at": pgettext_lazy("till", "Whole order, paid share %(share)s"),
    "order_off_now": pgettext_lazy("till", "%(before)s, %(off)s off"),
    "order_off_wrong_share": pgettext_lazy("till", "Enter a share like 9, 8.8 or 85."),
    "order_off_most": pgettext_lazy(
        "till",
        "At most %(amount)s can be taken off. Goods at a protected price and what is paid ahead keep theirs.",
    ),
    "order_off_no_less": pgettext_lazy("till", "Enter less than %(amount)s, which it costs now."),
    "order_off_remove": pgettext_lazy("till", "Take this discount away"),
    "why_regular": pgettext_lazy("till", "Regular customer"),
    "why_flaw": pgettext_lazy("till", "Small flaw"),
    "why_agreed": pgettext_lazy("till", "Price agreed before"),
    "today_at": pgettext_lazy("till", "today %(time)s"),
    "yesterday_at": pgettext_lazy("till", "yesterday %(time)s"),
    "offline_no_till": pgettext_lazy(
        "till", "Offline. This browser is not set up as a till, so selling waits for the connection."
    ),
    "manager_takes_over": pgettext_lazy("till", "Let a manager take over"),
}
