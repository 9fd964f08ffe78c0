# Sourced by the programs beside it: builds the product, the bench's C programs and its classes.
# Leaves $bench, $home, $programs, $app, $jdk, and $data, an empty folder that goes when the shell ends.

bench=$(cd -P "$(dirname "${BASH_SOURCE[0]}")" && pwd)
home=$(dirname "$bench")
programs=$bench/target/native

say() { printf 'bench: %s\n' "$*" >&2; }
fail() { say "$@"; exit 2; }

need() { # COMMAND PACKAGE
  command -v "$1" >/dev/null || fail "$1 is missing: install it (Debian: apt-get install $2), then run again."
}

find_jdk() { # as the launcher does
  local candidate
  for candidate in "${FAREGATE_JAVA:-}" "${JAVA_HOME:-}" /usr/lib/jvm/* /opt/* /opt/java/* "${HOME:-/root}"/.sdkman/candidates/java/* "${HOME:-/root}"/.jdks/* /usr/local/*; do
    if grep -qs '^JAVA_VERSION="25' "$candidate/release" && [ -x "$candidate/bin/javac" ]; then
      printf '%s\n' "$candidate"
      return
    fi
  done
  fail "no JDK 25 with javac was found: name one by FAREGATE_JAVA=/path/to/jdk-25."
}

PATH=$PATH:/usr/sbin
need gcc gcc

# 5,000 streams through a proxy are 10,000 sockets.
ulimit -n "$(ulimit -Hn)"
[ "$(ulimit -n)" = unlimited ] || [ "$(ulimit -n)" -ge 12000 ] ||
  fail "only $(ulimit -n) open files are allowed, and 12,000 are needed: raise the hard limit (ulimit -Hn)."

say "building"
mkdir -p "$programs"
for program in upstream load fsync; do
  gcc -O2 -Wall -Wextra -Werror -o "$programs/$program" "$bench/native/$program.c"
done
"$home/faregate" --version >&2
app=$home/.build/$(<"$home/.build/current")
jdk=$(find_jdk)
# What starts a PostgreSQL of its own needs more than the product brings; bench/ledger builds it.
shopt -s extglob
"$jdk/bin/javac" --release 25 -nowarn -proc:none -d "$bench/target/bench-classes" \
  -cp "$app/faregate.jar:$app/lib/*" "$bench"/src/main/java/faregate/bench/!(OwnPostgres).java

data=$(mktemp -d "$bench/target/data.XXXXXX")
trap 'rm -rf "$data"' EXIT

measure() { # CLASS [ARGUMENT…]
  "$jdk/bin/java" --enable-native-access=ALL-UNNAMED -Xmx128m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 \
    -cp "$bench/target/bench-classes:$app/faregate.jar:$app/lib/*" "faregate.bench.$1" "${@:2}"
}
