"""The pages people see: the storefront and the description of the API."""
