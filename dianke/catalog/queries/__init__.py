"""Reads of the catalogue that span tables."""
