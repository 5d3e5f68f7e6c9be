"""From a picture to a verdict: candidates, evidence, and what it adds up to."""
