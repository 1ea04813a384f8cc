"""How sources fare: day by day, and whether anybody polls at all."""
