"""Reads that span tables: offers, stock and demand for the plan, comparison and performance of suppliers, paper."""
