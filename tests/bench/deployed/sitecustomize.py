"""Makes a measured server see only what a deployed one has.

``requirements-dev.txt`` brings packages that Django, REST framework and Beautiful Soup import where they find them, and that
``requirements.txt`` does not have: with them each web process is 8 MiB larger than in production. Python reads this file at
its start wherever its folder is on ``PYTHONPATH``. A name that is ``None`` here cannot be imported.
"""

import sys

# Module, and the distribution that it is in.
ONLY_FOR_DEVELOPERS = {"jinja2": "jinja2", "lxml": "lxml", "pygments": "pygments", "yaml": "pyyaml"}
sys.modules.update(dict.fromkeys(ONLY_FOR_DEVELOPERS))
