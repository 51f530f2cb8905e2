"""Pure calculation of the room: no database, no clock."""
