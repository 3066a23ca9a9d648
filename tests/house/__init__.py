"""Rules of the house: what holds for every table, every route and every import."""
