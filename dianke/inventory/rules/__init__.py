"""The arithmetic of stock: pure functions, no rows and no clock."""
