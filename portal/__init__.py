"""What customers see in a browser; each page translates, makes one call to `handlers`, and shows the answer."""
