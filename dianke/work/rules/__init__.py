"""Pure calculation of the room: when tasks come again, who gets them, which change an approval is bound to."""
