"""Pages: parse, authorise, one call, answer."""
