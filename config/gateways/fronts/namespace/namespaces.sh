#!/bin/sh
# usage: namespaces.sh up | down
# Two network namespaces with nothing but each other, joined by a pair of virtual interfaces: gateproof-tool with
# 10.213.0.1, and gateproof-gateway with 10.213.0.2, where alone the first is known as tool.fronts.test. Needs root.
# 75: the machine does not let us.
set -eu
names=/etc/netns/gateproof-gateway

down() {
  ip netns del gateproof-tool 2>/dev/null || :
  ip netns del gateproof-gateway 2>/dev/null || :
  rm -rf "$names"
  rmdir /etc/netns 2>/dev/null || :
}

case ${1:-} in
up)
  down
  ip netns add gateproof-tool || exit 75
  ip netns add gateproof-gateway || exit 75
  ip -n gateproof-tool link add to-gateway type veth peer name to-tool netns gateproof-gateway || exit 75
  ip -n gateproof-tool addr add 10.213.0.1/30 dev to-gateway
  ip -n gateproof-gateway addr add 10.213.0.2/30 dev to-tool
  ip -n gateproof-tool link set lo up
  ip -n gateproof-gateway link set lo up
  ip -n gateproof-tool link set to-gateway up
  ip -n gateproof-gateway link set to-tool up
  mkdir -p "$names"
  printf '127.0.0.1 localhost\n10.213.0.1 tool.fronts.test\n' >"$names/hosts"
  ;;
down) down ;;
*)
  echo 'usage: namespaces.sh up | down' >&2
  exit 64
  ;;
esac
