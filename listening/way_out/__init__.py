"""The one way to the outside for everything that we say: attempted once, under a lease, looked for where in doubt."""
