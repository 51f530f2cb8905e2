"""Pure calculation of the room: what to buy, what a delivery comes to, how suppliers keep their word."""
