"""Changes of single products while the shop is open: what the web application calls.

`indexer.live.live_catalogue.LiveCatalogue` takes changes as programs send them, does what a load
does with a row of a feed, and writes them by `indexer.writing`.
"""
