# shellcheck shell=bash
#
# One engine for all files of a run. Where none can be, $no_engine says why, and each test is skipped with these words.

BATS_TEST_DIRNAME=${BASH_SOURCE[0]%/*} # which is not set yet
load ../e2e/lib
load engine

setup_suite() {
	export engine_run='' no_engine=''
	engine_start || export no_engine="no docker engine: $REPLY"
}

teardown_suite() {
	engine_stop
}
