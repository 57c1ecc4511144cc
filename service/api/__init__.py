"""The HTTP interface under /v1, one module a resource."""
