"""Ways of recognising edited copies, compared pair by pair."""
