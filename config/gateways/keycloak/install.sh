#!/bin/sh
# Installs Keycloak, from its Maven package, into a folder of its own: GATEPROOF_KEYCLOAK, or gateproof/keycloak in the
# user's cache; and the gateway in front, Envoy.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=../debian.sh
. "$here/../debian.sh"
install_packages curl maven openjdk-17-jre-headless unzip
"$here/../envoy/install.sh"
version=26.7.3
home=${GATEPROOF_KEYCLOAK:-${XDG_CACHE_HOME:-$HOME/.cache}/gateproof/keycloak}
[ -x "$home/bin/kc.sh" ] || {
  unpacked=$home.unpacked
  rm -rf "$unpacked" "$home"
  mkdir -p "$unpacked"
  mvn --quiet --batch-mode dependency:copy "-Dartifact=org.keycloak:keycloak-quarkus-dist:$version:zip" \
    "-DoutputDirectory=$unpacked"
  unzip -q "$unpacked/keycloak-quarkus-dist-$version.zip" -d "$unpacked"
  # What is chosen once and for all, so that a start takes half the time.
  "$unpacked/keycloak-$version/bin/kc.sh" build --db=dev-file
  mv "$unpacked/keycloak-$version" "$home"
  rm -rf "$unpacked"
}
