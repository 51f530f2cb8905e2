"""What the contact list reads."""
