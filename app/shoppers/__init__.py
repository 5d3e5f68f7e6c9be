"""Shoppers' photos, attached to products with consent."""
