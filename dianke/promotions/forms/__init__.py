"""Forms of promotions and coupons: numbers and words in, terms out."""
