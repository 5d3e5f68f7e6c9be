"""Made-up catalogues of many vectors: recall and time under filters, and cost by size."""
