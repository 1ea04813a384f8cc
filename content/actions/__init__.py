"""What people do in content: one verb, one function."""
