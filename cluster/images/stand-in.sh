#!/usr/bin/env bash
# Builds an image from Debian packages that stands in for one that cannot be pulled.
# Usage: stand-in.sh TAG FOLDER WORK_DIRECTORY
#   FOLDER holds packages (their names, possibly none) and a Dockerfile on the argument BASE.
set -euo pipefail

tag=$1 folder=$2 work=$3
# The same builder on every engine: this one needs no network, no plugin, and is in all of them.
export DOCKER_BUILDKIT=0

"$(dirname "$0")/debian.sh" "$tag-base" "$folder/packages" "$work"
docker build --quiet --network none --build-arg "BASE=$tag-base" --tag "$tag" "$folder"
docker rmi --no-prune "$tag-base"
