"""Forms of the room, a module per subject."""
