#!/usr/bin/env bash
# One comment on a pull request, written the first time and brought up to date from then on:
#
#   scripts/comment.sh FILE OWNER/REPOSITORY NUMBER
#
# Needs gh and its GH_TOKEN. A token that may not comment, as that of a fork's pull request, is no
# failure: the report is in the summary and in the artifact.
set -euo pipefail
file=$1 repository=$2 number=$3
marker='<!-- hopmark report -->'
# GitHub takes 65,536 characters; what is cut off is in the artifact.
most=64000

if [ ! -s "$file" ]; then
  echo 'hopmark: there is no report to comment.'
  exit 0
fi
body=$(mktemp)
trap 'rm -f "$body"' EXIT
{
  echo "$marker"
  if [ "$(wc -c <"$file")" -le "$most" ]; then
    cat "$file"
  else
    # Up to the last whole line, so that no character and no row is cut in two.
    head -c "$most" "$file" | sed '$d'
    printf '\n\nThe rest is in the artifact of the run.\n'
  fi
} >"$body"

comments="repos/$repository/issues/$number/comments"
if ! id=$(gh api --paginate "$comments" --jq ".[] | select(.body | startswith(\"$marker\")) | .id" | head -n 1); then
  echo '::notice title=hopmark::The comments cannot be read; the report is in the summary.'
  exit 0
fi
if [ -n "$id" ]; then
  request=(--method PATCH "repos/$repository/issues/comments/$id")
else
  request=(--method POST "$comments")
fi
if ! gh api "${request[@]}" --field "body=@$body" --silent; then
  echo '::notice title=hopmark::No comment can be written with this token; the report is in the summary.'
fi
