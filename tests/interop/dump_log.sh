#!/bin/sh
# dump_log.sh WRITER JARS: writes a sample log and lets Kafka's DumpLogSegments check it (see check_dump). WRITER is the
# program write_sample_log, JARS the directory with Kafka's jars.
set -eu
here=$(dirname "$0")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$1" "$work"
failed=0
out=$("$here/check_dump" "$work/sample-0" "$2") || failed=1
records=$(echo "$out" | tail -n 1)
echo "$out" | sed '$d'
echo "$records records in $(ls "$work"/sample-0/*.log | wc -l) segments"
[ "$records" -ge 2400 ] || failed=1
exit $failed
