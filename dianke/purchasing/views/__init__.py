"""Pages of purchasing, a module per subject."""
