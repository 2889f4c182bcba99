#!/usr/bin/env bash
# Unpacks rsyslog, syslog-ng and kcat of Debian with what they need into FOLDER, each in a folder of its own, and installs
# nothing: rsyslog and syslog-ng exclude each other, and would start as services.
set -euo pipefail
folder="$(realpath -m "${1:?FOLDER}")"

unpack() {
  local root="$folder/$1" packages="$folder/$1.packages"
  shift
  rm -rf "$root" "$packages"
  mkdir -p "$root" "$packages/partial"
  apt-get install --download-only --no-install-recommends --reinstall -y -o Debug::NoLocking=1 -o "Dir::Cache::archives=$packages" "$@"
  for package in "$packages"/*.deb; do dpkg -x "$package" "$root"; done
  rm -rf "$packages"
}

# The mark says by which list of packages: another list is unpacked anew.
cmp -s "$0" "$folder/complete" && exit
apt-get update
unpack rsyslog rsyslog rsyslog-openssl rsyslog-elasticsearch rsyslog-kafka
unpack syslog-ng syslog-ng-core syslog-ng-scl syslog-ng-mod-http
unpack kcat kcat
cp "$0" "$folder/complete"
