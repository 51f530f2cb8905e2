"""Every write of sales: orders and sales, the money for them, and taking them back."""

from dianke.sales.operations.approving import (
    DayPricesOver,
    OrderNotWaiting,
    WhyMissing,
    approve_order,
    refuse_order,
    submit_order,
)
from dianke.sales.operations.changing import (
    DeliveriesPlanned,
    LinesDelivered,
    TotalBelowPaid,
    change_due_date,
    change_lines,
)
from dianke.sales.operations.credit import (
    CreditBlocked,
    CreditExceeded,
    CreditMissing,
    LimitWrong,
    set_credit,
)
from dianke.sales.operations.deliveries import (
    Carried,
    Destination,
    assign_delivery,
    cancel_delivery,
    change_delivery,
    plan_delivery,
)
from dianke.sales.operations.delivering import deliver, fail_delivery, load_delivery, start_delivery
from dianke.sales.operations.delivery_settings import put_crew, put_slot, set_delivery_rules, set_slot_day
from dianke.sales.operations.ending import (
    OrderHasDeliveries,
    PaymentUnderWay,
    StillOwed,
    cancel_order,
    close_order,
)
from dianke.sales.operations.fulfilling import Delivered, NothingToDeliver, QuantityTooMuch, fulfil
from dianke.sales.operations.joining import CustomerMissing, OfferUnknown
from dianke.sales.operations.locking import OrderNotOpen
from dianke.sales.operations.old_gold import OldGoldTooMuch, take_old_gold
from dianke.sales.operations.ordering import (
    DepositTooMuch,
    DueDatePast,
    InstalmentsWrong,
    PrepaidNeedsSale,
    place_order,
)
from dianke.sales.operations.paying import (
    PaidAlready,
    PaymentDiffers,
    add_payment,
    call_back,
    cancel_payment,
    open_payments,
    run_payment,
    settle_payment,
)
from dianke.sales.operations.reconciling import BillTooLong, Compared, reconcile
from dianke.sales.operations.redrafting import (
    DraftHasMoney,
    OrderNotDraft,
    SellerUnknown,
    change_draft,
)
from dianke.sales.operations.refunding import (
    Drawer,
    RefundDone,
    pending_refunds,
    redirect_refund,
    run_refund,
    settle_refund,
)
from dianke.sales.operations.returning import PreviewOvertaken, ReturnDiffers, return_goods
from dianke.sales.operations.selling import (
    NotPaidInFull,
    PriceChanged,
    ReferenceMissing,
    SaleDiffers,
    SharesWrong,
    TenderNeedsOrder,
    TenderUnknown,
    place_sale,
)
from dianke.sales.operations.settings import (
    FallbackWrong,
    NameMissing,
    TradeUnknown,
    change_tender,
    put_stage,
)
from dianke.sales.operations.staging import StageNotReached, StageUnknown, enter_stage
from dianke.sales.queries.basket import Item, OrderTerms, Sale, Tendered
from dianke.sales.queries.old_gold import Tested
from dianke.sales.queries.returning import ReturnItem
from dianke.sales.rules.reconciling import BillRow

__all__ = [
    "BillRow",
    "BillTooLong",
    "Carried",
    "Compared",
    "CreditBlocked",
    "CreditExceeded",
    "CreditMissing",
    "CustomerMissing",
    "DayPricesOver",
    "Delivered",
    "DeliveriesPlanned",
    "DepositTooMuch",
    "Destination",
    "DraftHasMoney",
    "Drawer",
    "DueDatePast",
    "FallbackWrong",
    "InstalmentsWrong",
    "Item",
    "LimitWrong",
    "LinesDelivered",
    "NameMissing",
    "NotPaidInFull",
    "NothingToDeliver",
    "OfferUnknown",
    "OldGoldTooMuch",
    "OrderHasDeliveries",
    "OrderNotDraft",
    "OrderNotOpen",
    "OrderNotWaiting",
    "OrderTerms",
    "PaidAlready",
    "PaymentDiffers",
    "PaymentUnderWay",
    "PrepaidNeedsSale",
    "PreviewOvertaken",
    "PriceChanged",
    "QuantityTooMuch",
    "ReferenceMissing",
    "RefundDone",
    "ReturnDiffers",
    "ReturnItem",
    "Sale",
    "SaleDiffers",
    "SellerUnknown",
    "SharesWrong",
    "StageNotReached",
    "StageUnknown",
    "StillOwed",
    "TenderNeedsOrder",
    "TenderUnknown",
    "Tendered",
    "Tested",
    "TotalBelowPaid",
    "TradeUnknown",
    "WhyMissing",
    "add_payment",
    "approve_order",
    "assign_delivery",
    "call_back",
    "cancel_delivery",
    "cancel_order",
    "cancel_payment",
    "change_delivery",
    "change_draft",
    "change_due_date",
    "change_lines",
    "change_tender",
    "close_order",
    "deliver",
    "enter_stage",
    "fail_delivery",
    "fulfil",
    "load_delivery",
    "open_payments",
    "pending_refunds",
    "place_order",
    "place_sale",
    "plan_delivery",
    "put_crew",
    "put_slot",
    "put_stage",
    "reconcile",
    "redirect_refund",
    "refuse_order",
    "return_goods",
    "run_payment",
    "run_refund",
    "set_credit",
    "set_delivery_rules",
    "set_slot_day",
    "settle_payment",
    "settle_refund",
    "start_delivery",
    "submit_order",
    "take_old_gold",
]
