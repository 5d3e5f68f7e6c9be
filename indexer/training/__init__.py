"""Training commands: which pictures to learn from, and what training achieved."""
