"""The API contract: parameters, answers and the OpenAPI description."""
