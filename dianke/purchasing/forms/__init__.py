"""Forms of purchasing, a module per subject."""
