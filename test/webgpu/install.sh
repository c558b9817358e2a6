#!/usr/bin/env bash
# Installs what the gpu engine's mode "webgpu" needs on a machine without a GPU: the npm package webgpu and Mesa's
# software Vulkan driver (lavapipe), 240 MB. Everything lands in node_modules below this folder: no root, no change to
# apt's sources.
#
#   eval "$(test/webgpu/install.sh)"      installs (once) and sets the environment of this shell
#
# Debian 12's own lavapipe (Mesa 22.3) is refused by Dawn, the WebGPU inside the package, so the driver comes from
# bookworm-backports. On other systems Mesa must be 25 or newer, and installed already.
set -euo pipefail
cd "$(dirname "$0")"
here=$PWD

if [ ! -d node_modules/webgpu ]; then
  npm ci --ignore-scripts --no-audit --no-fund >&2
fi
echo "export GPUJS_WEBGPU=$here/node_modules/webgpu"

if ! grep -q '^VERSION_CODENAME=bookworm' /etc/os-release; then
  echo "not Debian 12: using the Vulkan driver that this system has" >&2
  exit
fi

driver=$here/node_modules/.lavapipe
if [ ! -f "$driver/done" ]; then
  rm -rf "$driver"
  mkdir -p "$driver"/{lists/partial,archives/partial,root}
  key=/usr/share/keyrings/debian-archive-keyring.gpg
  # The mirror that this system gets its own packages from has the backports too.
  mirror=$(apt-get indextargets --format '$(CODENAME) $(REPO_URI)' | awk '$1 == "bookworm" { print $2; exit }')
  for suite in bookworm bookworm-backports; do
    echo "deb [signed-by=$key] $mirror $suite main"
  done > "$driver/sources.list"
  # apt with lists and archives of its own: it reads which packages this system has and changes nothing there.
  private=(
    -o "Dir::Etc::SourceList=$driver/sources.list" -o Dir::Etc::SourceParts=/dev/null
    -o "Dir::State::Lists=$driver/lists" -o "Dir::Cache::archives=$driver/archives"
    -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= -o Debug::NoLocking=1 -o APT::Sandbox::User=
  )
  apt-get "${private[@]}" update -qq >&2
  apt-get "${private[@]}" install -qq -y --download-only --reinstall --no-install-recommends \
    -t bookworm-backports mesa-vulkan-drivers libvulkan1 >&2
  for package in "$driver"/archives/*.deb; do dpkg-deb -x "$package" "$driver/root"; done
  rm -rf "$driver/lists" "$driver/archives"
  touch "$driver/done"
fi

libraries=$(dirname "$(find "$driver/root" -name libvulkan_lvp.so -print -quit)")
description=$(find "$driver/root" -name 'lvp_icd*.json' -print -quit)
# The description names the library at the place where apt would have installed it.
sed "s|\"library_path\": *\"[^\"]*\"|\"library_path\": \"$libraries/libvulkan_lvp.so\"|" "$description" > "$driver/lavapipe.json"

echo "export VK_DRIVER_FILES=$driver/lavapipe.json"
echo "export LD_LIBRARY_PATH=$libraries\${LD_LIBRARY_PATH:+:\$LD_LIBRARY_PATH}"
