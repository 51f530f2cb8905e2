"""What insight calculates: pure functions over arrays; estimates, never money that is booked."""
