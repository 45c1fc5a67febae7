"""Second factors: enrolled, asked for, lost and reset."""
