"""Pure calculation: who may be written to when, how words are filled in and measured, what a batch left in doubt."""
