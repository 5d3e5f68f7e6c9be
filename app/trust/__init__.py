"""The trust team's side: evidence, verdicts, cases, banks and the desk they work at."""
