"""店客 Dianke: the customer system of a store."""

__version__ = "0.1.0"
