"""Pages of promotions and coupons."""
