"""The interface of Hasher-Matcher-Actioner, so that what speaks to it can speak to us.

https://github.com/facebook/ThreatExchange/tree/main/hasher-matcher-actioner
"""
