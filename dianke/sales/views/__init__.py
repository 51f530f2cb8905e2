"""Pages of the room, a module per subject."""
