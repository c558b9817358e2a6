#!/usr/bin/env bash
# Builds the npm package gl (OpenGL without a window) in this folder and runs the gpu engine's conformance suite with it,
# mode "headlessgl" included, on a virtual display. Takes minutes the first time; needs a built whorl (npm run build).
#
# Debian: apt-get install build-essential python3 pkg-config libxi-dev libglu1-mesa-dev libglew-dev mesa-common-dev \
#         libgl1-mesa-dri xvfb xauth
set -euo pipefail
cd "$(dirname "$0")"

for program in xvfb-run make g++ python3 pkg-config; do
  command -v "$program" >/dev/null || { echo "$program is missing; see the list of packages in $0" >&2; exit 1; }
done

if [ ! -f node_modules/gl/build/Release/webgl.node ]; then
  npm ci --ignore-scripts --no-audit --no-fund
  # Headers of the running Node where it brings them along, else node-gyp fetches them.
  prefix=$(dirname "$(dirname "$(readlink -f "$(command -v node)")")")
  headers=(); [ ! -f "$prefix/include/node/node.h" ] || headers=(--nodedir="$prefix")
  (cd node_modules/gl && ../.bin/node-gyp rebuild "${headers[@]}" >build.log 2>&1) || {
    tail -n 40 node_modules/gl/build.log >&2
    exit 1
  }
fi

export GPUJS_GL=$PWD/node_modules/gl
exec xvfb-run -a node ../../dist/test/run.js conformance/gpu "$@"
