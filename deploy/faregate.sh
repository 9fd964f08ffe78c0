#!/bin/sh
# Faregate in a container: `faregate COMMAND`. Memory of a server follows the container's limit.
home=/opt/faregate
# The same as those of the launcher in the root: the cache of a rehearsal serves no others.
set -- -jar "$home/faregate.jar" "${@:-serve}"
case $3 in
  rehearse) set -- -XX:+UseParallelGC -Xmx512m "-XX:AOTCacheOutput=$home/faregate.aot" "$@" ;;
  serve | -*) set -- -XX:+UseParallelGC -XX:MaxRAMPercentage=60 "$@" ;;
  *) set -- -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xmx256m "$@" ;;
esac
[ ! -f "$home/faregate.aot" ] || set -- "-XX:AOTCache=$home/faregate.aot" "$@"
# exec: SIGTERM reaches the server, which lets running answers end.
exec java -XX:+UseCompactObjectHeaders -XX:+UseTransparentHugePages --enable-native-access=ALL-UNNAMED \
  --sun-misc-unsafe-memory-access=allow -XX:+ExitOnOutOfMemoryError -Xlog:disable -Xlog:all=error:stderr "$@"
