"""For developers: `python -m models.migrations "add parcels"` writes the next migration from what the tables say."""

import sys

from models.migrations import write_next

if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit('usage: python -m models.migrations "what it does"')
    print(write_next(sys.argv[1]))
