"""The compiled kernels: optional, for every CPython from 3.11 on (stable ABI)."""

import sys
from pathlib import Path

from setuptools import Extension, setup

# Contraction to fused multiply-add would change the last bit of what Python computes.
EXACT = ["/O2", "/fp:precise"] if sys.platform == "win32" else ["-O3", "-ffp-contract=off"]

setup(
    ext_modules=[
        Extension(
            "smcost._kernels",
            sources=["kernels/module.c"],
            depends=sorted(path.as_posix() for path in Path("kernels").glob("*.h")),
            extra_compile_args=EXACT,
            py_limited_api=True,
            optional=True,
        )
    ],
    options={"bdist_wheel": {"py_limited_api": "cp311"}},
)
