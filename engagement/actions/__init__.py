"""What people do in engagement: one verb, one function."""
