"""The lookout: counts of what is heard, judged every five minutes; what is unusual becomes a warning."""
