"""How fast the oracle is, beside other ways to the same numbers, on the same inputs."""
