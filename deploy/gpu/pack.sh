#!/usr/bin/env bash
# Packs what sluice needs on a machine with an NVIDIA GPU but without a JVM, Maven or a network.
#
#   pack.sh --kit DIR --out DIR [--cache DIR] [--archives DIR] [--part-size MB]
#
# --kit       a folder whose prepare.sh makes ort.tar.xz (ONNX Runtime with CUDA), jre.tar.xz and lib/*.jar
# --archives  a folder where prepare.sh has been run already; it is not run again
# --out       receives app.tar.xz (sluice, the encoder left out), jre.tar.xz, ort.tar.xz in parts, unpack.sh
#
# The encoder is read from the checkout there (backbone/src/main/resources). DuckDB is left out: rows come
# from .jsonl, .csv and .tsv. Needs what prepare.sh needs, and zip.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
# What jdeps finds, and what is only asked for by name: TLS keys, the files in jars, signals, memory, and what soak watches a server by.
modules=java.base,java.desktop,java.logging,java.management,java.naming,java.net.http,java.sql,java.xml,jdk.attach,jdk.crypto.ec,jdk.httpserver,jdk.jfr,jdk.management,jdk.management.agent,jdk.unsupported,jdk.zipfs

kit='' out='' cache='' archives='' part=24
while (($#)); do
  case $1 in
    --kit) kit=$2 ;;
    --out) out=$2 ;;
    --cache) cache=$2 ;;
    --archives) archives=$2 ;;
    --part-size) part=$2 ;;
    *) sed -n '2,11p' "$0" >&2; exit 2 ;;
  esac
  shift 2
done
[[ -n $out && -n $kit$archives ]] || { sed -n '2,11p' "$0" >&2; exit 2; }
mkdir -p "$out"; out=$(cd "$out" && pwd)
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT

if [[ -z $archives ]]; then
  archives=$work/kit
  bash "$kit/prepare.sh" --out "$archives" --no-bench --modules "$modules" ${cache:+--cache "$cache"}
fi

echo "== sluice"
"$root/sluice" --version
app=$work/app
mkdir -p "$app"
cp "$root"/cli/target/lib/*.jar "$archives"/lib/*.jar "$app/"
compgen -G "$app/sluice-cuda-*.jar" >/dev/null ||
  { echo "sluice-cuda: not built (expected: JAVA_HOME is a JDK >= 22 here and at the build)" >&2; exit 1; }
rm -f "$app"/onnxruntime-[0-9]*.[0-9].jar "$app"/duckdb_jdbc-*.jar
rm -f "$app"/netty-*-{osx,windows}-*.jar "$app"/netty-*-linux-aarch_64.jar "$app"/netty-*-macos-*.jar

# Deletes entries of a jar: all that match the pattern but not the other one.
thin() { # jar delete keep
  local entries
  entries=$(unzip -Z1 "$1" | grep -E "$2" | grep -vE "$3" || true)
  [[ -z $entries ]] || zip -qd "$1" -@ <<<"$entries" >/dev/null
}
thin "$app"/tokenizers-*.jar '^native/lib/[^/]+/.*[^/]$' '^native/lib/linux-x86_64/'
thin "$app"/sqlite-jdbc-*.jar '^org/sqlite/native/.*[^/]$' '^org/sqlite/native/Linux/x86_64/'
thin "$app"/zstd-jni-*.jar '\.(so|dll|dylib)$' '^linux/amd64/'
thin "$app"/jna-*.jar 'jnidispatch' '/linux-x86-64/'
thin "$app"/sluice-backbone-*.jar '^io/sluice/backbone/sluice-mini/.*[^/]$' '^$'
# Stored, not deflated: xz does better over all of them.
for jar in "$app"/*.jar; do
  mkdir "$work/jar"
  unzip -qo "$jar" -d "$work/jar"
  rm "$jar"
  (cd "$work/jar" && zip -q0rX "$jar" .)
  rm -rf "$work/jar"
done

echo "== archives"
tar -C "$app" --owner=0 --group=0 --sort=name -cf - . | xz -T0 -6 >"$out/app.tar.xz"
cp "$archives/jre.tar.xz" "$here/unpack.sh" "$out/"
rm -f "$out"/ort.tar.xz.*
split --bytes="${part}M" --numeric-suffixes=1 --suffix-length=1 "$archives/ort.tar.xz" "$work/ort."
parts=("$work"/ort.*)
for p in "${parts[@]}"; do mv "$p" "$out/ort.tar.xz.${p##*.}of${#parts[@]}"; done
(cd "$out" && find . -type f -printf '%10s  %P\n' | sort -k2)
