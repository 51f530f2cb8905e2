"""Reads of the room: fields, statements, counts, members."""
