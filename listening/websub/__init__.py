"""Being told instead of asking: hubs that send what is new in a feed. Polls go on, for hubs forget."""
