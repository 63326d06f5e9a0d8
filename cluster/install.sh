#!/usr/bin/env bash
# Installs the npm packages that package-lock.json names, if they are not there yet.
set -euo pipefail

if [ node_modules/.package-lock.json -nt package-lock.json ]; then
    exit
fi
log=${XDG_CACHE_HOME:-$HOME/.cache}/sidecars/logs/npm-packages.log
mkdir -p "$(dirname "$log")"
echo "… npm packages  of about 1 min"
SECONDS=0
if ! npm ci --no-audit --no-fund > "$log" 2>&1; then
    tail -n 15 "$log" | sed 's/^/    /' >&2
    remedy='Check the connection to the npm registry'
    if grep -Eq 'ENOSPC|No space left' "$log" || [ "$(df -Pk . | awk 'END { print $4 }')" -lt 51200 ]; then
        remedy=$(df -Ph . | awk 'END { print "No space left on " $6 ": about 0.5 GiB is needed, " $4 " are free. Make room there" }')
    fi
    printf '✗ npm packages\n  The whole log: %s\n  %s and run the same command again.\n' "$log" "$remedy" >&2
    exit 1
fi
touch node_modules/.package-lock.json
printf '✓ %-72s %6d.0 s\n' 'npm packages' "$SECONDS"
