"""Others' ways of doing the same, each in a process of its own that does a round for each line that it is sent."""
