"""What every process needs: errors, settings, locks, files, threads, retries, progress, plug-ins.

Imports nothing of ours.
"""
