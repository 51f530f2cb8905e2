"""Pages of the room: parse, authorise, one call into the domain, answer."""
