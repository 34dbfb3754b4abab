#!/bin/sh
exec "$(dirname "$0")/../envoy/install.sh"
