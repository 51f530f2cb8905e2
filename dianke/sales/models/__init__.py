"""The tables of the room, one module per noun."""

from dianke.sales.models.day_closes import DayClose, ZReport
from dianke.sales.models.deliveries import (
    Delivery,
    DeliveryChange,
    DeliveryCrew,
    DeliveryLine,
    DeliveryProof,
    DeliverySetting,
    DeliverySlot,
    SlotDay,
)
from dianke.sales.models.history import HistoryItem, HistoryLine
from dianke.sales.models.lines import LineAdjustment, LineIssue, LinePerson, OrderLine
from dianke.sales.models.offline import DeviceGap, DeviceJournal, OfflineGrant, OfflinePolicy
from dianke.sales.models.old_gold import OldGold
from dianke.sales.models.orders import Instalment, Order, OrderChange, OrderCounter, OrderException
from dianke.sales.models.payments import ChannelRow, CreditTerms, Payment, Refund, Tender
from dianke.sales.models.printing import ReceiptPrint, ReceiptPrinter, ReceiptSetting
from dianke.sales.models.registers import CashCount, CashMovement, DrawerOpening, Shift
from dianke.sales.models.returns import ReturnLine, SaleReturn
from dianke.sales.models.stages import Stage, StageEntry
from dianke.sales.models.turnover import EarnedLine, Turnover

__all__ = [
    "CashCount",
    "CashMovement",
    "ChannelRow",
    "CreditTerms",
    "DayClose",
    "Delivery",
    "DeliveryChange",
    "DeliveryCrew",
    "DeliveryLine",
    "DeliveryProof",
    "DeliverySetting",
    "DeliverySlot",
    "DeviceGap",
    "DeviceJournal",
    "DrawerOpening",
    "EarnedLine",
    "HistoryItem",
    "HistoryLine",
    "Instalment",
    "LineAdjustment",
    "LineIssue",
    "LinePerson",
    "OfflineGrant",
    "OfflinePolicy",
    "OldGold",
    "Order",
    "OrderChange",
    "OrderCounter",
    "OrderException",
    "OrderLine",
    "Payment",
    "ReceiptPrint",
    "ReceiptPrinter",
    "ReceiptSetting",
    "Refund",
    "ReturnLine",
    "SaleReturn",
    "Shift",
    "SlotDay",
    "Stage",
    "StageEntry",
    "Tender",
    "Turnover",
    "ZReport",
]
