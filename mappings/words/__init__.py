"""Text as shoppers and feeds write it: folded, cut into terms, and read for what it means.

Values to values: nothing here talks to Elasticsearch. The indexer and the search cut text with the
same functions, so that a term that was stored is a term that can be asked for, and a server needs
no analysis plug-in.
"""
