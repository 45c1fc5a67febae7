"""What customers send, as bytes: kept encrypted, opened in a process apart, scanned."""
