"""The description of inputs by kind of argument, and what draws from it."""
