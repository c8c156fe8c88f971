"""A till's examination: faults are played against a vendor's client, its belief is held against the books."""
