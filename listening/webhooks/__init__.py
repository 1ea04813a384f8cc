"""Webhooks in both directions: what programs send us is kept before it is thanked for; what we tell is tried again."""
