"""What is changed in maturity."""
