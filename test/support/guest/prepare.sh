#!/usr/bin/env bash
# Makes what guest.ts boots, in the folder that is the argument: Debian's kernel, its modules, and a
# first root file system that finds the host's. Packages are fetched and unpacked, not installed.
# Needs cpio, kmod and busybox-static. A second run finds everything done.
set -euo pipefail
folder=${1:?the folder to fill}
here=$(cd "$(dirname "$0")" && pwd)
if [ -e "$folder/done" ] && [ "$folder/done" -nt "$here/init" ] && [ "$folder/done" -nt "$0" ]; then exit 0; fi
rm -rf "$folder"
mkdir -p "$folder"
cd "$folder"

# Of the Debian that runs here: the meta package names the kernel of the day.
package=$(apt-cache depends linux-image-amd64 | sed -n 's/.*Depends: \(linux-image-.*\)/\1/p' | head -n 1)
if [ -z "$package" ]; then
  echo "prepare.sh: apt knows no linux-image-amd64; run apt-get update, on Debian for amd64" >&2
  exit 1
fi
release=${package#linux-image-}
apt-get -o APT::Sandbox::User=root download "$package"
dpkg -x "$package"_*.deb kernel
rm "$package"_*.deb
depmod -b kernel "$release"
ln -s "kernel/boot/vmlinuz-$release" vmlinuz
ln -s "kernel/lib/modules/$release" modules

mkdir -p first/{bin,modules,proc,sys,dev,host,tmp,new}
cp /bin/busybox first/bin/busybox
install -m 755 "$here/init" first/init
for module in virtio_pci 9pnet_virtio 9p overlay virtio_console; do
  modprobe -d "$folder/kernel" -S "$release" --show-depends "$module" | sed -n 's/^insmod //p'
done | awk '!seen[$1]++ { print $1 }' | while read -r file; do
  cp "$file" first/modules/
  basename "$file" >>first/modules/order
done
(cd first && find . | cpio -o -H newc --quiet) >first.img
rm -r first
touch done
