"""Pages of this room: signing in, one's own account, and the administration of accounts, roles, tills and keys."""
