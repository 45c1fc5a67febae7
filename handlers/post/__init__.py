"""How letters leave the house: addresses, lanes, carriers, and what becomes of each."""
