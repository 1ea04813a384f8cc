"""What the application's own rows show: each piece of evidence is one function with its unit and its window."""
