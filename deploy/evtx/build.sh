#!/bin/sh
# Builds evtx.wasm the same way wherever it runs, and compares it with the one that is checked in; with --write it takes its place.
# Needs Debian 12's packages rustc-web 1.96, cargo-web, rust-web-src and lld-19; the crates come from crates.io as Cargo.lock pins them.
# The paths of the machine are replaced, so that the bytes depend on the sources and the toolchain alone.
set -eu
cd "$(dirname "$0")"
version="$(/usr/bin/rustc --version | cut -d ' ' -f 2)"
[ "$version" = 1.96.0 ] || { echo "rustc $version at /usr/bin/rustc: install rustc-web 1.96.0" >&2; exit 2; }
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT INT TERM
export CARGO_HOME="${CARGO_HOME:-$work/cargo}"
export CARGO_TARGET_DIR="$work/target"
export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER=wasm-ld-19
export RUSTC=/usr/bin/rustc
# The standard library is built from its source, since Debian has none for this target; only a compiler that takes unstable options does so.
export RUSTC_BOOTSTRAP=1
export RUSTFLAGS="--cfg=getrandom_backend=\"custom\" --remap-path-prefix=$CARGO_HOME=/cargo --remap-path-prefix=$PWD=/evtx --remap-path-prefix=/usr/src/rustc-1.96.0=/rust"
/usr/bin/cargo build --release --locked -Zbuild-std=std,panic_abort
built="$CARGO_TARGET_DIR/wasm32-unknown-unknown/release/foghorn_evtx.wasm"
if [ "${1:-}" = --write ]; then
  install -m 644 "$built" evtx.wasm
  sha256sum evtx.wasm
elif cmp "$built" evtx.wasm; then
  echo 'evtx.wasm is what its source makes'
else
  sha256sum "$built" evtx.wasm >&2
  exit 1
fi
