#!/bin/sh
# Installs the packages of package.json into a folder of the user's cache, and leaves gateproof's own alone.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
folder=${GATEPROOF_GRAPHQL:-${XDG_CACHE_HOME:-$HOME/.cache}/gateproof/graphql}
mkdir -p "$folder"
if ! cmp -s "$here/package.json" "$folder/package.json" || [ ! -d "$folder/node_modules" ]; then
  cp "$here/package.json" "$folder/package.json"
  (cd "$folder" && npm install --no-audit --no-fund --ignore-scripts)
fi
