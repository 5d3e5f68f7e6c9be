"""Shoppers' photos: do they find their product, are scores true, what does learning bring?"""
