#!/bin/sh
# Tells what this machine has of what `make up` needs, and how to get what is missing: all of it at once.
# Usage: doctor.sh [--quiet]    with --quiet, prints only what is missing
set -u

quiet=${1:-}
missing=''

report() { # NAME VERSION-OR-EMPTY REMEDY
    if [ -n "$2" ]; then
        [ "$quiet" = --quiet ] || printf '✓ %-10s %s\n' "$1" "$2"
    else
        missing="$missing$(printf '\n✗ %-10s %s' "$1" "$3")"
    fi
}

optional() { # NAME VERSION-OR-EMPTY WHAT-HAPPENS-WITHOUT
    [ "$quiet" = --quiet ] || printf '%s %-10s %s\n' "$([ -n "$2" ] && echo ✓ || echo ·)" "$1" "${2:-$3}"
}

first_line() { "$@" 2> /dev/null | head -n 1; }

# at_least FOUND MAJOR MINOR: whether a version such as 20.19.1 is as new as MAJOR.MINOR
at_least() {
    [ "${1%%.*}" -gt "$2" ] && return
    rest=${1#*.}
    [ "${1%%.*}" -eq "$2" ] && [ "${rest%%.*}" -ge "$3" ]
}

apt=''
if command -v apt-get > /dev/null && [ "$(id -u)" = 0 ]; then apt=yes; fi
cache=${XDG_CACHE_HOME:-$HOME/.cache}/sidecars

report make "$(first_line make --version)" 'install it: apt-get install make'
report git "$(first_line git --version)" 'install it: apt-get install git'
node=$(first_line node --version)
case $node in v*) at_least "${node#v}" 20 0 || node='' ;; esac
report node "$node" 'Node.js 20 or newer is needed: https://nodejs.org/en/download'
report npm "$(first_line npm --version)" 'it comes with Node.js: https://nodejs.org/en/download'

docker=$(docker version --format '{{.Server.Version}}' 2> /dev/null)
if [ -n "$docker" ]; then
    report docker "engine $docker"
elif [ -n "$apt" ]; then
    report docker "no engine runs: make up starts one from Debian's docker.io"
else
    report docker '' 'start Docker (https://docs.docker.com/get-started/get-docker), or run as root on Debian or Ubuntu'
fi

go=$(first_line go version | sed 's/^go version go\([0-9.]*\).*/\1/')
if [ -n "$go" ] && at_least "$go.0" 1 26; then
    report go "$go, to build what cannot be downloaded"
elif [ -x "$cache/bin/pulumi" ] || { command -v pulumi && command -v kind; } > /dev/null; then
    optional go '' 'not needed: the tools are there'
elif [ -n "$node" ] && node -e 'fetch("https://github.com", { method: "HEAD", signal: AbortSignal.timeout(5000) }).catch(() => process.exit(1))' 2> /dev/null; then
    optional go '' 'not needed: the official releases are in reach'
else
    report go '' 'Go 1.26 or newer is needed, because no official release is in reach: https://go.dev/doc/install'
fi

optional kind "$(first_line kind version)" 'make up gets it'
optional kubectl "$(first_line kubectl version --client)" 'make up gets it'
optional pulumi "$(first_line pulumi version)" 'make up gets it'

if [ -n "$missing" ]; then
    printf 'Missing on this machine:%s\n' "$missing" >&2
    exit 1
fi
