"""What people do in listening, by noun."""
