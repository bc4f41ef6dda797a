#!/bin/sh
# Renders pages of committed PDFs as the small pictures of docs/gallery.md and README.md.
set -eu
cd "$(dirname "$0")/.."
page() { # REPORT[.LANG] PAGE
	pdftoppm -r 60 -png -singlefile -f "$2" -l "$2" "reports/${1%%.*}/$1.pdf" "docs/images/$1-$2"
}
page week-07 1
page week-07 3
page week-07.ko 1
page week-10 4
page week-04 4
page week-08 4
