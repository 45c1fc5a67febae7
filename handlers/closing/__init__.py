"""Closing an account, coming back, and forgetting."""
