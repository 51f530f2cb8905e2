"""Pages of stock, a module per subject."""
