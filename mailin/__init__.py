"""A customer's mail becomes a request."""
