"""The rights of a person over what is known of them: a copy, and oblivion. Reaches across all rooms."""
