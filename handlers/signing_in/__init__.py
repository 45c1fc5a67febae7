"""Signing in on the portal: names and passwords, sessions, known browsers, codes by mail."""
