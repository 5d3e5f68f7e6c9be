"""Benches of a catalogue that is kept in step: how fast, and through which faults."""
