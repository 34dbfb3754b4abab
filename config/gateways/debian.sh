# shellcheck shell=sh
# Sourced by the install scripts that use Debian's packages.

# usage: install_packages PACKAGE...
# Installs what is missing, as root, and keeps the packages from starting their services, which would listen to the world.
install_packages() {
  missing=
  for package in "$@"; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing="$missing $package"
  done
  [ -n "$missing" ] || return 0
  policy=/usr/sbin/policy-rc.d
  if [ ! -e "$policy" ]; then
    trap 'rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
  fi
  apt-get update
  # shellcheck disable=SC2086 # package names hold no blanks
  DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends $missing
}
