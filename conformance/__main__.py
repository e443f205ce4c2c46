"""`python -m conformance`: the same as `loss-conformance`."""

from conformance.cli import main

# Workers import the main module again under another name.
if __name__ == "__main__":
    main()
