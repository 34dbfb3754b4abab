#!/bin/sh
# Builds the gateway from this folder with Maven, into a folder of its own: GATEPROOF_SPRING, or
# gateproof/spring-cloud-gateway in the user's cache.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=../debian.sh
. "$here/../debian.sh"
install_packages curl maven openjdk-17-jdk-headless
home=${GATEPROOF_SPRING:-${XDG_CACHE_HOME:-$HOME/.cache}/gateproof/spring-cloud-gateway}
mkdir -p "$home"
cp -R "$here/pom.xml" "$here/src" "$home/"
# Maven compiles what has changed, and takes what it has fetched before from its own cache.
mvn --quiet --batch-mode --file "$home/pom.xml" package
# Its classes in the shape in which the JVM has them in memory, so that a start takes a part of the time.
rm -rf "$home/app"
java -Djarmode=tools -jar "$home/target/gateway.jar" extract --destination "$home/app"
java -XX:ArchiveClassesAtExit="$home/app/gateway.jsa" -Dspring.context.exit=onRefresh -Dlogging.level.root=warn \
  -jar "$home/app/gateway.jar" "--spring.config.location=file:$here/application.yaml" >"$home/archive.log" 2>&1
