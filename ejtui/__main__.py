"""`python -m ejtui` is `ejtui`."""

import sys

from ejtui.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
