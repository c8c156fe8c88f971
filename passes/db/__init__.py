"""The database: one engine, one unit of work, names for every constraint, and the migrations."""
