#!/usr/bin/env bash
# Builds an image from Debian packages that stands in for one that cannot be pulled.
# Usage: stand-in.sh TAG FOLDER WORK_DIRECTORY [FILE...]
#   FOLDER holds packages (their names, possibly none) and a Dockerfile on the argument BASE, which finds each FILE beside it.
set -euo pipefail

tag=$1 folder=$2 work=$3
# The same builder on every engine: this one needs no network, no plugin, and is in all of them.
export DOCKER_BUILDKIT=0

base=sidecars/debian:$(sha256sum "$folder/packages" | head -c 12)
if ! docker image inspect "$base" > /dev/null 2>&1; then
    "$(dirname "$0")/debian.sh" "$base" "$folder/packages" "$work"
fi
rm -rf "$work"
cp -r "$folder" "$work"
for file in "${@:4}"; do
    install -m 755 "$file" "$work/"
done
docker build --quiet --network none --build-arg "BASE=$base" --tag "$tag" "$work"
