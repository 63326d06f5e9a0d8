#!/usr/bin/env bash
# Builds the kind node image from an image of Debian packages and the binaries of a cluster, with the images of all that runs on it inside.
# Usage: build.sh TAG BASE BINARIES KIND_FILES WORK_DIRECTORY
#   BASE has the Debian packages; BINARIES holds kubernetes, pause, coredns, metrics-server and local-path-provisioner; KIND_FILES is images/base/files of the
#   module sigs.k8s.io/kind; WORK_DIRECTORY is made anew.
set -euo pipefail

tag=$1 base=$2 binaries=$3 kind_files=$4 work=$5
images=$(cd "$(dirname "$0")/.." && pwd)
# The same builder on every engine: this one needs no network, no plugin, and is in all of them.
export DOCKER_BUILDKIT=0
rm -rf "$work"
mkdir -p "$work"
echo "kind's files and the Kubernetes binary"
mkdir -p "$work/node"
# A module's folders are read-only: as they are, nothing could remove what an interrupted build left of them.
cp -r --no-preserve=mode "$kind_files" "$work/node/kind"
cp -r --no-preserve=mode "$images/node/overlay" "$work/node/overlay"
mkdir -p "$work/node/overlay/usr/local/lib" "$work/node/overlay/kind"
install -m 755 "$binaries/kubernetes" "$work/node/overlay/usr/local/lib/kubernetes"
ln -s "$(readlink -f "$binaries/kubernetes")" "$work/kubeadm"
version=$("$work/kubeadm" version -o short)
echo "$version" > "$work/node/overlay/kind/version"
if ! grep -q '^CapBnd:.*[13579bdf]......$' /proc/self/status; then
    # Without CAP_SYS_RESOURCE (bit 24) nothing may lower its score, so containerd must not ask for it.
    sed -i 's/restrict_oom_score_adj = false/restrict_oom_score_adj = true/' "$work/node/kind/etc/containerd/config.toml"
fi
docker build --quiet --network none --build-arg "BASE=$base" --tag "$tag-bare" --file "$images/node/Dockerfile" "$work/node"

# Every image by the name that kubeadm or a manifest asks for.
names=()
# Usage: build IMAGE NAME [BUILD_ARGUMENT...]; its context is the folder $work/IMAGE.
build() {
    docker build --quiet "${@:3}" --tag "$2" --file "$images/$1/Dockerfile" "$work/$1"
    names+=("$2")
}
# Usage: build_binary IMAGE NAME; the image of the binary that is called as it is.
build_binary() {
    mkdir -p "$work/$1"
    install -m 755 "$binaries/$1" "$work/$1/$1"
    build "$1" "$2"
}
# Usage: asked_for PATTERN FILE; the first image in a manifest whose name has the pattern.
asked_for() {
    sed -n "s|^ *image: *\(.*$1.*\)|\1|p" "$2" | head -n 1
}

echo "Images of Kubernetes"
mkdir -p "$work/control-plane/rootfs/usr/local/bin" "$work/control-plane/rootfs/tmp"
install -m 755 "$binaries/kubernetes" "$work/control-plane/rootfs/usr/local/bin/kubernetes"
for name in etcd kube-apiserver kube-controller-manager kube-proxy kube-scheduler; do
    ln -s kubernetes "$work/control-plane/rootfs/usr/local/bin/$name"
done
tar -C "$work/control-plane/rootfs" --owner 0 --group 0 -cf "$work/control-plane/rootfs.tar" .
rm -r "$work/control-plane/rootfs"
docker build --quiet --tag "$tag-control-plane" --file "$images/control-plane/Dockerfile" "$work/control-plane"
mkdir -p "$work/kube-proxy" "$work/local-path-helper"
docker run --rm --network none "$base" bash -c '
    program=/usr/sbin/xtables-nft-multi
    mkdir -p /rootfs/usr/sbin
    find "$program" /usr/lib/*/xtables ! -type d | while read -r file; do
        echo "$file"
        ldd "$file" | grep -o "/[^ ]*" || true
    done | sort -u | xargs cp --parents --dereference --target-directory /rootfs
    for name in iptables iptables-save iptables-restore ip6tables ip6tables-save ip6tables-restore; do
        ln -s "${program##*/}" "/rootfs/usr/sbin/$name"
    done
    tar -C /rootfs -c .' > "$work/kube-proxy/rootfs.tar"
docker run --rm --network none "$base" bash -c '
    mkdir -p /rootfs/bin
    cp /bin/busybox /rootfs/bin/
    for name in sh mkdir rm; do ln -s busybox "/rootfs/bin/$name"; done
    tar -C /rootfs -c .' > "$work/local-path-helper/rootfs.tar"
while read -r name; do
    case $name in
        */pause:*) build_binary pause "$name" ;;
        */kube-proxy:*) build kube-proxy "$name" --build-arg "BASE=$tag-control-plane" ;;
        */coredns:*) build_binary coredns "${name%:*}:$(sed -n 's/^ *imageTag: *//p' "$images/../kind.yaml")" ;;
        *) docker tag "$tag-control-plane" "$name" && names+=("$name") ;;
    esac
done < <("$work/kubeadm" config images list --kubernetes-version "$version")
build_binary pause "$(sed -n 's/^ *sandbox_image = "\(.*\)"$/\1/p' "$kind_files/etc/containerd/config.toml")"

echo "Images of the add-ons"
build_binary metrics-server "$(asked_for metrics-server "$images/../metrics-server.yaml")"
storage=$images/node/overlay/kind/manifests/default-storage.yaml
build_binary local-path-provisioner "$(asked_for local-path-provisioner "$storage")"
build local-path-helper "$(asked_for local-path-helper "$storage")"
docker save --output "$work/images.tar" "${names[@]}"

echo "Images into the node's store"
docker rm --force "sidecars-node-build" > /dev/null 2>&1 || true
docker run --detach --name "sidecars-node-build" --privileged --network none --entrypoint sleep "$tag-bare" infinity > /dev/null
docker exec --detach "sidecars-node-build" containerd
docker exec "sidecars-node-build" bash -c 'until ctr version > /dev/null 2>&1; do sleep 0.1; done'
docker exec --interactive "sidecars-node-build" ctr --namespace=k8s.io images import --all-platforms --no-unpack --digests - < "$work/images.tar"
docker exec "sidecars-node-build" pkill containerd
docker commit --change 'ENTRYPOINT ["/usr/local/bin/entrypoint", "/sbin/init"]' "sidecars-node-build" "$tag" > /dev/null
docker rm --force "sidecars-node-build" > /dev/null
docker rmi "$tag-bare" "$tag-control-plane" "${names[@]}" > /dev/null
rm -rf "$work"
