"""What a shopper sees: how soon, how steady, how much, and for whom."""
