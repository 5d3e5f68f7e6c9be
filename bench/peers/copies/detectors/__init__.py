"""The ways of telling copies apart that others use, one small file each, beside our own."""
