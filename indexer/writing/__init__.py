"""Writes changes of products: decided by the ledger, recorded before they are sent."""
