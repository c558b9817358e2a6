#!/usr/bin/env bash
# Installs what the gpu engine's mode "webgpu" needs on a machine without a GPU: the npm package webgpu and Mesa's
# software Vulkan driver (lavapipe). Everything lands below this folder; no root, no change to apt's sources.
#
#   eval "$(test/webgpu/install.sh)"      installs (once) and sets the environment of this shell
#
# Debian 12's own lavapipe (Mesa 22.3) is refused by Dawn, the WebGPU implementation inside the package, so the driver
# comes from bookworm-backports. Remove the folder `driver` to install anew.
set -euo pipefail
cd "$(dirname "$0")"
here=$PWD
driver=$here/node_modules/.lavapipe

if [ ! -d node_modules/webgpu ]; then
  npm ci --ignore-scripts --no-audit --no-fund >&2
fi

if [ ! -f "$driver/done" ]; then
  rm -rf "$driver"
  mkdir -p "$driver"/{lists/partial,archives/partial,root}
  cat > "$driver/sources.list" <<'SOURCES'
deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian bookworm main
deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian bookworm-backports main
SOURCES
  # apt with its own lists and archives: it reads which packages this system has and changes nothing there.
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

libraries=$(dirname "$(find "$driver/root" -name libvulkan_lvp.so | head -n 1)")
description=$(find "$driver/root" -name 'lvp_icd*.json' | head -n 1)
# The description names the library by the place it would be installed at.
sed "s|\"library_path\": *\"[^\"]*\"|\"library_path\": \"$libraries/libvulkan_lvp.so\"|" "$description" > "$driver/lavapipe.json"

echo "export WHORL_WEBGPU=$here/node_modules/webgpu"
echo "export VK_DRIVER_FILES=$driver/lavapipe.json"
echo "export LD_LIBRARY_PATH=$libraries\${LD_LIBRARY_PATH:+:\$LD_LIBRARY_PATH}"
