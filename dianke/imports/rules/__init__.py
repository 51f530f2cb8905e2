"""What is calculated about files without touching one: encodings, delimiters, headers, mappings, values."""
