"""Reads of the room: audience, readiness, how far a campaign is, what it came to, and its words."""
