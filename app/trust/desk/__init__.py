"""Where reviewers decide: cases, verdicts that stick, and the log of who said what."""
