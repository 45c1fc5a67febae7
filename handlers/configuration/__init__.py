"""What operators write, settings and service files, and the desk made from it."""
