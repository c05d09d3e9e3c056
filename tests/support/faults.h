/* Faults in the daemon's file operations: the preloaded library of tests/faults and its control file. */
#ifndef TESTS_SUPPORT_FAULTS_H
#define TESTS_SUPPORT_FAULTS_H

#include "tests/faults/control.h"

#include <limits.h>

struct faults {
	struct fault_control *control; /* shared with the daemon; off at first */
	char path[64];
	char env_control[96], env_preload[PATH_MAX + 16], env_asan[64];
	const char *env[4];            /* for stage_options.daemon_env */
};

void faults_open(struct faults *faults);
void faults_close(struct faults *faults);
/* From now on: operation number `at` of these kinds, counted anew. */
void faults_set(struct faults *faults, enum fault_mode mode, int kinds, int64_t at, int error);
void faults_off(struct faults *faults);

#endif
