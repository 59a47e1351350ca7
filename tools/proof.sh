#!/bin/sh
# make proof: Frama-C Eva on every harness of proofs/, then the seeded defects, which must be found.
#   tools/proof.sh [NAME...]   only these harnesses and their seeds
. "$(dirname "$0")/common.sh"
tools/deps.sh proof
exec python3 tools/proof.py "$@"
