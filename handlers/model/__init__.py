"""What the desk speaks of: plain values, no input or output."""
