"""Pure calculation: no database, no clock."""
