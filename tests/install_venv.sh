#!/bin/sh
# Debian keeps the module that makes virtual environments in a package of its own.
set -e
rm -rf .venv
as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }
as_root apt-get update -qq
as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends python3-venv
