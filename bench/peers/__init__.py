"""This project beside the libraries and databases that users would pick instead."""
