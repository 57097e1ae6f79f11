"""Other kinds of endpoint: what they cost on the same traffic, and what they cannot do."""
