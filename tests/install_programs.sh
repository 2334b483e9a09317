#!/bin/sh
# The tests use the system's Chromium, LibreOffice for the templates, PostgreSQL for a lake, nginx
# before its replicas and Tesseract for a scan; install what is missing (Debian, Ubuntu). Without a
# browser nothing can be said; without the others their tests are left out.
set -e
missing=""
has() { command -v "$1" >/dev/null 2>&1; }
has chromium || has chromium-browser || has google-chrome || missing="chromium"
has soffice || missing="$missing libreoffice-calc-nogui"
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing="$missing postgresql"
[ -x /usr/sbin/nginx ] || missing="$missing nginx-light"
has tesseract || missing="$missing tesseract-ocr-fra"
[ -n "$missing" ] || exit 0
as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }
if ! has apt-get; then
    case "$missing" in *chromium*) echo "Install Chromium or Chrome: the browser tests need one." >&2; exit 1 ;; esac
    exit 0
fi
as_root apt-get update -qq
for package in $missing; do
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        "$package" || [ "$package" != chromium ]
done
