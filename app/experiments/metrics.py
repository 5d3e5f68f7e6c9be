"""What an experiment is reported by: three ratios whose unit is the client."""

from app.experiments.statistics.ratio import Ratio

CTR = Ratio("ctr", "clicks", "impressions")
CONVERSION = Ratio("conversion", "purchases", "sessions")
REVENUE = Ratio("revenue_per_session", "revenue", "sessions")

RATIOS = (CTR, CONVERSION, REVENUE)
"""Clicks by impressions, and purchases and revenue by sessions in which the variant was shown."""

IS_RATE = frozenset({CTR.name, CONVERSION.name})
"""Ratios written in per cent; revenue is an amount of money."""
