#!/bin/sh
# Gets the system packages that are missing, through apt when it may, else says what to type.
# Usage: system-packages.sh run|test PYTHON
set -eu

purpose=$1
python=$2
missing=""
oldest_java=21

say() { echo "$*" >&2; }

want() { missing="$missing $*"; }

has() { command -v "$1" >/dev/null 2>&1; }

if ! has "$python" || ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    say "Python 3.11 or newer is needed; install it, or name it: make PYTHON=/path/to/python3"
    exit 1
fi

has_venv() { "$python" -c 'import ensurepip, venv' 2>/dev/null; }

has_language() { has tesseract && tesseract --list-langs 2>/dev/null | grep -qx "$1"; }

# Only who has chosen it needs it; the tests try it.
want_tesseract() {
    has_language eng || want tesseract-ocr
    has_language jpn || want tesseract-ocr-jpn
}

# Debian keeps servers off the path of its users.
has_server() {
    for place in /usr/sbin /usr/lib/postgresql/*/bin; do
        [ ! -x "$place/$1" ] || return 0
    done
    has "$1"
}

# A JDK that Elasticsearch boots on has jdk.attach; ops/jdk.py looks in the same places.
has_jdk() {
    for home in "${ES_JAVA_HOME:-}" "${JAVA_HOME:-}" "${ES_HOME:+$ES_HOME/jdk}" \
        /usr/lib/jvm/* /opt/*jdk* /Library/Java/JavaVirtualMachines/*/Contents/Home \
        /opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home \
        /usr/local/opt/openjdk*/libexec/openjdk.jdk/Contents/Home \
        "$(dirname "$(dirname "$(readlink -f "$(command -v java || echo /)")")")"; do
        [ -x "$home/bin/java" ] || continue
        modules=$("$home/bin/java" --list-modules 2>/dev/null) || continue
        version=$(echo "$modules" | sed -n 's/^java\.base@\([0-9]*\).*/\1/p')
        if [ "${version:-0}" -ge "$oldest_java" ] && echo "$modules" | grep -q '^jdk\.attach@'; then
            return 0
        fi
    done
    return 1
}

# With a server or a distribution of one's own nothing is fetched.
needs_maven() { [ -z "${ELASTICSEARCH_URL:-}" ] && [ -z "${ES_HOME:-}" ] && ! has mvn; }

needs_jdk() { [ -z "${ELASTICSEARCH_URL:-}" ] && ! has_jdk; }

newest_jdk() {
    for package in openjdk-25-jdk-headless temurin-25-jdk openjdk-24-jdk-headless \
        openjdk-23-jdk-headless openjdk-22-jdk-headless openjdk-21-jdk-headless temurin-21-jdk; do
        if apt-cache policy "$package" 2>/dev/null | grep -q 'Candidate: [0-9]'; then
            echo "$package"
            return
        fi
    done
}

look() {
    missing=""
    if [ "$purpose" = run ]; then
        has_venv || want python3-venv
        [ "${LOOKALIKE_OCR_ENGINE:-}" != tesseract ] || want_tesseract
        ! needs_maven || want maven
        ! needs_jdk || want "$(newest_jdk)"
    else
        want_tesseract
        has chromium || want chromium
        has_server postgres || want postgresql
        has_server mariadbd || want mariadb-server-core
        has go || want golang-go
        fc-list :lang=ja 2>/dev/null | grep -q . || want fonts-noto-cjk fontconfig
    fi
    missing=$(echo "$missing" | xargs)
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    else
        sudo -n "$@"
    fi
}

may_install() { [ "$(id -u)" = 0 ] || { has sudo && sudo -n true 2>/dev/null; }; }

# Debian 12's newest OpenJDK is 17: there a JDK comes from elsewhere.
stop_without_jdk() {
    if [ "$purpose" = run ] && needs_jdk && [ -z "$(newest_jdk)" ]; then
        say "No JDK $oldest_java or newer is here, and this system's package lists have none:"
        say "install one (a full JDK such as Temurin 25, not a JRE) and set JAVA_HOME to its folder."
        exit 1
    fi
}

look
if has apt-get && may_install; then
    if [ -n "$missing" ] || { [ "$purpose" = run ] && needs_jdk; }; then
        say "updating the package lists"
        as_root apt-get update -qq
        look # package lists that were never fetched know no package
        stop_without_jdk
        say "installing $missing"
        # shellcheck disable=SC2086  # a list of package names
        as_root env DEBIAN_FRONTEND=noninteractive \
            apt-get install -y -qq --no-install-recommends $missing >/dev/null
        look
        if [ -n "$missing" ]; then
            say "Still missing after the installation: $missing"
            say "(a Python without venv can be replaced: make PYTHON=/usr/bin/python3)"
            exit 1
        fi
    fi
elif [ -n "$missing" ]; then
    if has apt-get; then
        say "Some system packages are missing. Type this line, then try again:"
        say "  sudo apt-get update && sudo apt-get install -y --no-install-recommends $missing"
    else
        say "Missing, and there is no apt here to get it with: $missing"
        say "On a Mac: brew install maven openjdk; for the tests also tesseract tesseract-lang chromium"
    fi
    stop_without_jdk
    exit 1
fi
stop_without_jdk
