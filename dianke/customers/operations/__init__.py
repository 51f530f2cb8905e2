"""Every write of the room, one module per noun."""
