"""The web application: a JSON API and a storefront over one Elasticsearch index."""
