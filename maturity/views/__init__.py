"""The pages of maturity."""
