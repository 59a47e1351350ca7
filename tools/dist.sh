#!/bin/sh
# make dist: dist/ironrpc-VERSION.tar.xz of the committed tree.
. "$(dirname "$0")/common.sh"
version=$(sed -n "s/^ *version: '\(.*\)',$/\1/p" meson.build | head -n 1)
mkdir -p dist
git archive --format=tar --prefix="ironrpc-$version/" HEAD | xz -9 >"dist/ironrpc-$version.tar.xz"
(cd dist && sha256sum "ironrpc-$version.tar.xz")
