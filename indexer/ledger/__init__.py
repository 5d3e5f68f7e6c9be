"""The ledger: which change of every product counts, kept on disk beside the index.

Elasticsearch forgets the version of a deleted document after a minute, and knows nothing of a
source's own versions. The ledger remembers both, with hashes of each product's content, in one
SQLite file a catalogue, in the state folder. All processes of a machine share it.

=====================================  ==========================================================
``open_ledger(environment, alias)``    `indexer.ledger.settings`: the ledger of a catalogue
``Ledger``                             `indexer.ledger.ledger`: reads and records; thread-safe
``LedgerEntry``                        `indexer.ledger.entry`: what is known of a product
``ChangeOrder``, ``decide_whole``,     `indexer.ledger.ordering`: which of two changes counts
``decide_fields``
``hash_content``, ``ContentHash``      `indexer.ledger.content_hash`: has a product changed?
=====================================  ==========================================================

**A write** takes five steps, which `indexer.writing.recorded_writer.RecordedWriter` does for whole
batches of puts, patches and deletes (`indexer.writing.change`):

1. hold the products' locks (``ledger.lock(ids)``) until the last step
2. read ``ledger.entries(ids)``; finish what is pending there; decide with `ordering`
3. ``ledger.record(entries, documents)``: stored as pending, each with a new sequence number
4. write to Elasticsearch
5. ``ledger.complete(entries)``, or ``ledger.restore`` where Elasticsearch refused

A process killed before 3 has changed nothing. Killed after 3, it leaves a pending entry with its
document: the next writer of that product, or ``RecordedWriter.finish_pending``, repeats the write,
which is the same whether the first arrived or not. The kernel has let go of the locks by then.

**Comparing** a source with the index takes no Elasticsearch: ``ledger.entries(ids)`` and
``entry.has_content(hash_content(product.fields, product.pictures))``; ``ledger.scan()`` yields what
the index has. A catalogue that was filled before it had a ledger is taken over with
``take_as_baseline``; until then its products are unknown, and any change of them counts.

**A copy of the index** (a rebuild) notes ``ledger.settled_sequence()`` before it begins, and at its
end brings over ``ledger.changed_since`` that.
"""
