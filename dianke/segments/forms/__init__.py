"""What the builder's fields say."""
