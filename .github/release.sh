#!/usr/bin/env bash
# What a release holds: the source of a tag, the list of packages that it deploys (CycloneDX), checksums, and what
# CHANGELOG.md says of it.
# usage: .github/release.sh v<version> <folder>
set -euo pipefail
tag=$1
folder=$2
version=${tag#v}
cd "$(dirname "$0")/.."

test "$version" = "$(node -p 'require("./package.json").version')" || {
  echo "package.json has another version than $tag" >&2
  exit 1
}
mkdir -p "$folder"

# Its section of the changelog, without the heading.
awk -v heading="## [$version]" 'index($0, "## [") == 1 { inside = index($0, heading) == 1; next } inside' CHANGELOG.md >"$folder/notes.md"
grep -q '[^[:space:]]' "$folder/notes.md" || {
  echo "CHANGELOG.md says nothing of $version" >&2
  exit 1
}

git archive --format=tar.gz --prefix="settle-$version/" --output="$folder/settle-$version.tar.gz" HEAD

npm ci --prefix .github/sbom --ignore-scripts
.github/sbom/node_modules/.bin/cyclonedx-npm --omit dev --package-lock-only --validate --output-reproducible --output-file "$folder/sbom.cdx.json"

cd "$folder"
sha256sum "settle-$version.tar.gz" sbom.cdx.json >SHA256SUMS
