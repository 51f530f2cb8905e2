"""Forms of the room: what people type, in the words of the operations."""
