#!/bin/sh
# Installs the packages of a lock file into .venv, with uv, which is several times quicker than
# pip, and with pip where uv cannot be had. Usage: python-packages.sh PYTHON LOCK
set -eu

python=$1
lock=$2
own=.venv/bin/python

[ -x "$own" ] || "$python" -m venv .venv

pip_install() { "$own" -m pip install --quiet --disable-pip-version-check "$@"; }

# uv reads none of pip's settings: an index, a folder of wheels or a certificate set for pip holds
# for it as well. `pip config list` has those of files and of PIP_* variables.
settings=$("$own" -m pip config list 2>/dev/null) || settings=""

setting() { echo "$settings" | sed -n "s/^[^=]*\.$1='\(.*\)'\$/\1/p" | tail -n 1; }

pass_on() {
    eval "given=\${$1:-}"
    value=${given:-$(setting "$2")}
    [ -z "$value" ] || export "$1=$value"
}

pass_on UV_DEFAULT_INDEX index-url
pass_on UV_INDEX extra-index-url
pass_on UV_FIND_LINKS find-links
pass_on SSL_CERT_FILE cert

[ -x .venv/bin/uv ] || pip_install --require-hashes --requirement ops/uv.txt || true
if .venv/bin/uv pip install --quiet --python "$own" --require-hashes --no-deps \
    --requirement "$lock"; then
    .venv/bin/uv pip install --quiet --python "$own" --no-deps --no-build-isolation --editable .
else
    echo "uv could not install the packages: trying again with pip" >&2
    pip_install --require-hashes --no-deps --requirement "$lock"
    pip_install --no-deps --no-build-isolation --editable .
fi
