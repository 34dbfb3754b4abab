#!/bin/sh
exec "$(dirname "$0")/../apache/install.sh"
