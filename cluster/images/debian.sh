#!/usr/bin/env bash
# Imports an image of Debian packages and of what a Debian cannot be without, of this machine's release.
# Usage: debian.sh TAG PACKAGES WORK_DIRECTORY
#   PACKAGES is a file with their names, possibly none.
set -euo pipefail

tag=$1 packages=$(tr -s ' \n' ',' < "$2") work=$3
packages=${packages%,}
mkdir -p "$work"
# shellcheck source=/dev/null
release=$(. /etc/os-release && echo "$VERSION_CODENAME")
# What it mounts is gone with it, however it ends.
isolated=()
if [ "$(id -u)" = 0 ]; then isolated=(unshare --mount); fi
# What is unpacked need not survive a crash of the machine, so nothing waits for the disk.
"${isolated[@]}" mmdebstrap --quiet --variant=minbase --dpkgopt=force-unsafe-io ${packages:+"--include=$packages"} "$release" "$work/base.tar"
docker import "$work/base.tar" "$tag"
rm "$work/base.tar"
