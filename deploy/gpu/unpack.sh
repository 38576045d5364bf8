#!/usr/bin/env bash
# Unpacks what pack.sh made, on the machine with the GPU; several calls may each bring a part.
#
#   unpack.sh DEST [FROM]       then: source DEST/env.sh; sluice doctor
#
# FROM is the folder of the archives, this script's by default. Run it in the checkout, or say in SLUICE_CHECKOUT
# where that is: the embedded encoder is read from there. The status is 3 while parts are missing.
# CUDA_LIB_DIRS, separated by colons, names folders of CUDA libraries that are not found by themselves.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
dest=${1:?usage: unpack.sh DEST [FROM]}
from=${2:-$here}
checkout=${SLUICE_CHECKOUT:-$PWD}
mkdir -p "$dest/parts"; dest=$(cd "$dest" && pwd)

untar() { # archive folder
  if command -v xz >/dev/null; then
    xz -dc "$1" | tar -C "$2" -xf -
  else
    python3 -c 'import sys, tarfile; tarfile.open(sys.argv[1]).extractall(sys.argv[2])' "$1" "$2"
  fi
}

extract() { # archive folder: again only if the archive is another
  [[ -e $1 ]] || return 0
  local sum; sum=$(sha256sum <"$1")
  [[ ! -e $2.sum || $(<"$2.sum") != "$sum" ]] || return 0
  rm -rf "$2" "$2.sum"
  mkdir -p "$2"
  untar "$1" "$2"
  printf '%s' "$sum" >"$2.sum"
}

for part in "$from"/ort.tar.xz.*of*; do
  [[ ! -e $part ]] || cp "$part" "$dest/parts/"
done
extract "$from/app.tar.xz" "$dest/app"
extract "$from/jre.tar.xz" "$dest/jre"
there=$(find "$dest/parts" -name 'ort.tar.xz.*of*' | wc -l)
wanted=$(find "$dest/parts" -name 'ort.tar.xz.*of*' | head -n 1 | sed 's/.*of//')
if ((there > 0 && there == wanted)); then
  cat "$dest"/parts/ort.tar.xz.*of"$wanted" >"$dest/parts/ort.tar.xz"
  extract "$dest/parts/ort.tar.xz" "$dest/native"
  rm "$dest/parts/ort.tar.xz"
fi
missing=''
for folder in app jre native; do [[ -e $dest/$folder.sum ]] || missing="$missing $folder"; done
[[ -z $missing ]] || { echo "still to come:$missing (ort.tar.xz: $there of ${wanted:-?} parts)" >&2; exit 3; }

# The folder of a library: where the user says, what the linker knows, Python's packages, the usual places.
folder_of() {
  local d found
  for d in $(tr ':' ' ' <<<"${CUDA_LIB_DIRS:-}") /usr/local/cuda/lib64 /usr/local/cuda/targets/x86_64-linux/lib; do
    [[ ! -e $d/$1 ]] || { echo "$d"; return; }
  done
  found=$({ ldconfig -p 2>/dev/null || true; } | sed -n "s|.* $1 .*=> ||p; s|^\s*$1 .*=> ||p" | head -n 1)
  [[ -n $found ]] || found=$(find /usr /opt /root /home -name "$1" -print -quit 2>/dev/null || true)
  [[ -z $found ]] || dirname "$found"
}
dirs=''
for library in libcudart.so.13 libcublas.so.13 libcublasLt.so.13 libcudnn.so.9; do
  folder=$(folder_of "$library")
  [[ -n $folder ]] || { echo "not found: $library" >&2; continue; }
  [[ :$dirs: == *:$folder:* ]] || dirs=${dirs:+$dirs:}$folder
done

mkdir -p "$dest/bin"
cat >"$dest/bin/sluice" <<END
#!/usr/bin/env bash
source '$dest/env.sh'
options=(\$ORT_JAVA_OPTS -Dfile.encoding=UTF-8 -Xss4m)
# As in the launcher of the checkout: a server gives back what it does not need, in the heap and outside.
collector=(-XX:+UseParallelGC)
if [[ \${1:-} == serve ]]; then
  collector=(-XX:+UseG1GC -XX:MinHeapFreeRatio=10 -XX:MaxHeapFreeRatio=30 -XX:G1PeriodicGCInterval=30000)
  options+=(-XX:TrimNativeHeapInterval=30000)
fi
[[ " \${SLUICE_JAVA_OPTS:-}" =~ ' -XX:+Use'[A-Za-z0-9]+GC( |\$) ]] || options+=("\${collector[@]}")
export MALLOC_ARENA_MAX=\${MALLOC_ARENA_MAX:-2}
[[ ! -t 1 ]] || options+=("-Dsluice.columns=\$(tput cols 2>/dev/null || echo 80)")
exec java "\${options[@]}" \${SLUICE_JAVA_OPTS:-} -cp "\$SLUICE_CP" io.sluice.cli.Main "\$@"
END
chmod +x "$dest/bin/sluice"
cat >"$dest/env.sh" <<END
export JAVA_HOME='$dest/jre' ORT_DISABLE_TELEMETRY=1
[[ :\$PATH: == *:'$dest/bin':* ]] || export PATH="$dest/bin:$dest/jre/bin:\$PATH"
export LD_LIBRARY_PATH="$dest/native${dirs:+:$dirs}"
export ORT_JAVA_OPTS="-Donnxruntime.native.path=$dest/native"
export SLUICE_CP="$checkout/backbone/src/main/resources:$dest/app/*"
END
source "$dest/env.sh"
java -version
echo "CUDA libraries: ${dirs:-none found}"
[[ -e $checkout/backbone/src/main/resources ]] || echo "no checkout at $checkout: --backbone is needed" >&2
unresolved=$(ldd "$dest/native/libonnxruntime_providers_cuda.so" | grep 'not found' || true)
[[ -z $unresolved ]] || { echo "the CUDA provider will not load: $unresolved" >&2; exit 4; }
echo "all libraries of the CUDA provider resolve"
