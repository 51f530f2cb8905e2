"""Pages of the contact list."""
