"""Reads of sales that span tables."""

from dianke.sales.queries.proof import CHECKS, verify

__all__ = ["CHECKS", "verify"]
