#!/bin/sh
# Runs the quorumlab for this machine: ./quorumlab COMMAND
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
case "$(uname -s)" in
Linux) system=linux ;;
Darwin) system=darwin ;;
*) echo "quorumlab: there is no program for $(uname -s) here" >&2; exit 2 ;;
esac
case "$(uname -m)" in
x86_64 | amd64) arch=amd64 ;;
arm64 | aarch64) arch=arm64 ;;
*) echo "quorumlab: there is no program for $(uname -m) here" >&2; exit 2 ;;
esac
program="$here/bin/${system}_$arch/quorumlab"
if [ ! -x "$program" ]; then
	echo "quorumlab: $program can't be run from here. Copy this folder to your disk, and then:" >&2
	echo "  chmod +x quorumlab bin/*/*" >&2
	exit 2
fi
exec "$program" "$@"
