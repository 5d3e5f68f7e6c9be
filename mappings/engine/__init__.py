"""The one gateway to Elasticsearch: connection, requests, bulk writes and errors."""
