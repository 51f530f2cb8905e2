"""Forms of stock, a module per subject."""
