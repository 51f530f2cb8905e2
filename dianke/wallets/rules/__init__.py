"""Pure arithmetic of prepaid value: no database, no clock."""
