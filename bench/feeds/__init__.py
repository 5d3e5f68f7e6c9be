"""Feeds as shop systems export them, with faults: what a load makes of them."""
