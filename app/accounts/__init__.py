"""Reviewers' accounts and sign-in limits."""
