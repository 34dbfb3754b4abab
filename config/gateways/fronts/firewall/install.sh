#!/bin/sh
# Installs Apache httpd with ModSecurity and its core rule set, and the gateway behind it, from Debian's packages.
set -eu
"$(dirname "$0")/../../nginx/install.sh"
# shellcheck source-path=SCRIPTDIR source=../../debian.sh
. "$(dirname "$0")/../../debian.sh"
install_packages openssl apache2 libapache2-mod-security2 modsecurity-crs
