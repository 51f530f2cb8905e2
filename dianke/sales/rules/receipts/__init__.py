"""Receipts: what stands on one (`content`), how it fits the paper (`columns`, `layout`), and as bytes for a printer
(`escpos`). Nothing here reads or writes; `queries/receipts.py` fills the content from an order."""
