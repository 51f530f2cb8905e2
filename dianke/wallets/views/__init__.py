"""Pages of prepaid value: the counter, wallets, cards, what the merchant sets up, and the customer's phone."""
