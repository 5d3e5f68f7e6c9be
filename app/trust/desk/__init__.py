"""The desk where reviewers decide: cases, lasting verdicts, and the log of decisions."""
