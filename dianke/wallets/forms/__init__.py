"""The forms of prepaid value."""
