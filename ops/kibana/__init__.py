"""What Kibana shows of the search log: objects as code, a file to import, and its loader.

Kibana cannot run where this is developed and tested. So the panels carry their Elasticsearch
requests in plain sight, and a test runs each of them on the real node and checks every field named.
"""
