"""Pure rules of the room: the language of segments, its fields, and its sentences."""
