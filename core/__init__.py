"""What every process needs: errors, settings from the environment, locks, files, threads. Imports
nothing of ours."""
