"""Every write of the catalogue, one module per noun."""
