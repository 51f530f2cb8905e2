"""Pure calculation: who is kept back, who gets which variant and when, and what a campaign came to."""
