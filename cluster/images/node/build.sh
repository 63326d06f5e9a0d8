#!/usr/bin/env bash
# Builds the kind node image from Debian packages and the Kubernetes binary.
# Usage: build.sh TAG KUBERNETES_BINARY KIND_FILES PAUSE_BINARY WORK_DIRECTORY
#   KIND_FILES is images/base/files of the module sigs.k8s.io/kind; WORK_DIRECTORY is made anew.
set -euo pipefail

tag=$1 kubernetes=$2 kind_files=$3 pause=$4 work=$5
images=$(cd "$(dirname "$0")/.." && pwd)
# The same builder on every engine: this one needs no network, no plugin, and is in all of them.
export DOCKER_BUILDKIT=0
rm -rf "$work"
mkdir -p "$work"
# shellcheck source=/dev/null
release=$(. /etc/os-release && echo "$VERSION_CODENAME")

echo "Debian packages of a node"
mmdebstrap --quiet --variant=minbase \
    --include=systemd,systemd-sysv,dbus,conntrack,iptables,nftables,iproute2,ethtool,util-linux,mount,kmod,libseccomp2,pigz,bash,ca-certificates,curl,jq,procps,socat,hostname,containerd,runc,containernetworking-plugins \
    "$release" "$work/base.tar"
docker import "$work/base.tar" "$tag-base" > /dev/null
rm "$work/base.tar"

echo "kind's files and the Kubernetes binary"
mkdir -p "$work/node"
cp -r "$kind_files" "$work/node/kind"
cp -r "$images/node/overlay" "$work/node/overlay"
chmod -R u+w "$work/node"
mkdir -p "$work/node/overlay/usr/local/lib" "$work/node/overlay/kind"
install -m 755 "$kubernetes" "$work/node/overlay/usr/local/lib/kubernetes"
ln -s "$kubernetes" "$work/kubeadm"
version=$("$work/kubeadm" version -o short)
echo "$version" > "$work/node/overlay/kind/version"
if ! grep -q '^CapBnd:.*[13579bdf]......$' /proc/self/status; then
    # Without CAP_SYS_RESOURCE (bit 24) nothing may lower its score, so containerd must not ask for it.
    sed -i 's/restrict_oom_score_adj = false/restrict_oom_score_adj = true/' "$work/node/kind/etc/containerd/config.toml"
fi
docker build --quiet --network none --build-arg "BASE=$tag-base" --tag "$tag-bare" --file "$images/node/Dockerfile" "$work/node"

echo "Images of the control plane"
mkdir -p "$work/control-plane/rootfs/usr/local/bin" "$work/control-plane/rootfs/tmp" "$work/pause"
install -m 755 "$kubernetes" "$work/control-plane/rootfs/usr/local/bin/kubernetes"
for name in etcd kube-apiserver kube-controller-manager kube-scheduler; do
    ln -s kubernetes "$work/control-plane/rootfs/usr/local/bin/$name"
done
tar -C "$work/control-plane/rootfs" --owner 0 --group 0 -cf "$work/control-plane/rootfs.tar" .
rm -r "$work/control-plane/rootfs"
docker build --quiet --tag "$tag-control-plane" --file "$images/control-plane/Dockerfile" "$work/control-plane"
install -m 755 "$pause" "$work/pause/pause"
docker build --quiet --tag "$tag-pause" --file "$images/pause/Dockerfile" "$work/pause"
names=()
while read -r name; do
    case $name in
        */pause:*) docker tag "$tag-pause" "$name" ;;
        */coredns:* | */kube-proxy:*) continue ;;
        *) docker tag "$tag-control-plane" "$name" ;;
    esac
    names+=("$name")
done < <("$work/kubeadm" config images list --kubernetes-version "$version")
sandbox=$(sed -n 's/^ *sandbox_image = "\(.*\)"$/\1/p' "$kind_files/etc/containerd/config.toml")
docker tag "$tag-pause" "$sandbox"
docker save --output "$work/images.tar" "${names[@]}" "$sandbox"

echo "Images into the node's store"
docker rm --force "sidecars-node-build" > /dev/null 2>&1 || true
docker run --detach --name "sidecars-node-build" --privileged --network none --entrypoint sleep "$tag-bare" infinity > /dev/null
docker exec --detach "sidecars-node-build" containerd
docker exec "sidecars-node-build" bash -c 'until ctr version > /dev/null 2>&1; do sleep 0.1; done'
docker exec --interactive "sidecars-node-build" ctr --namespace=k8s.io images import --all-platforms --no-unpack --digests - < "$work/images.tar"
docker exec "sidecars-node-build" pkill containerd
docker commit --change 'ENTRYPOINT ["/usr/local/bin/entrypoint", "/sbin/init"]' "sidecars-node-build" "$tag" > /dev/null
docker rm --force "sidecars-node-build" > /dev/null
docker rmi --no-prune "$tag-base" "$tag-bare" "$tag-control-plane" "$tag-pause" "${names[@]}" "$sandbox" > /dev/null
rm -rf "$work"
