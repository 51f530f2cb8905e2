"""Reads that span tables: people for work, what Today shows, names of subjects, custom field specs."""
