"""A change of the registered address, from proposal to the end of the days in which it can be undone."""
