from __future__ import annotations

import os
import subprocess
import sys

import pytest

ASKED = "from models.cores import usable_cores; from models.tagging import SMALL, jobs_for; "
ASKED += "print(usable_cores(), jobs_for(SMALL), jobs_for(SMALL + 1))"


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system holds no process to some cores")
def test_a_process_held_to_one_core_starts_no_others() -> None:
    cores = os.sched_getaffinity(0)
    for held in ({min(cores)}, cores):
        ran = subprocess.run(
            [sys.executable, "-c", f"import os; os.sched_setaffinity(0, {held}); {ASKED}"],
            capture_output=True,
            text=True,
            check=True,
        )
        assert ran.stdout.split() == [str(len(held)), "1", str(len(held))]
