#!/bin/sh
# dump_log.sh WRITER JARS: writes a sample log and lets Kafka's DumpLogSegments check it: every record, the indexes
# against the log, the producer snapshots. WRITER is the program write_sample_log, JARS the directory with Kafka's jars.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$1" "$work"
failed=0
check() {
  out=$(java -cp "$jars/*" org.apache.kafka.tools.DumpLogSegments "$@" 2>&1) || failed=1
  if echo "$out" | grep -E "Found [0-9]+ invalid|ismatch|isvalid: false|Exception|orrupt|Could not|out of order" ||
    # The tool takes the beginning of every later segment for a gap behind offset -1.
    echo "$out" | grep "is followed by" | grep -v "^  -1 is followed by"; then
    echo "FAILED: $*"
    failed=1
  fi
}
jars=$2
list() { ls "$work"/sample-0/*"$1" | paste -sd, -; }
check --deep-iteration --print-data-log --files "$(list .log)"
check --deep-iteration --files "$(list .index)"
check --deep-iteration --files "$(list .timeindex)"
check --index-sanity-check --files "$(list .index)"
check --verify-index-only --files "$(list .timeindex)"
check --files "$(list .txnindex)"
check --files "$(list .snapshot)"
records=$(java -cp "$jars/*" org.apache.kafka.tools.DumpLogSegments --deep-iteration --print-data-log \
  --files "$(list .log)" 2>/dev/null | grep -c '| offset:')
echo "$records records in $(ls "$work"/sample-0/*.log | wc -l) segments"
[ "$records" -ge 2400 ] || failed=1
exit $failed
