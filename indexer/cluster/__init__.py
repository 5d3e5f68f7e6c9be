"""Batches on a Ray cluster: decoding and features on many machines, the writing on this one."""
