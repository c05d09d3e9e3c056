/* What a test and the preloaded fault library share: a small file, mapped by both. */
#ifndef TESTS_FAULTS_CONTROL_H
#define TESTS_FAULTS_CONTROL_H

#include <stdint.h>

enum fault_mode {
	FAULT_OFF,
	FAULT_COUNT, /* only count */
	FAULT_KILL,  /* SIGKILL instead of operation number `at` */
	FAULT_FAIL,  /* operation number `at` and all after it fail, until the mode changes */
};

/* Which operations on the store's files count. */
enum { FAULT_WRITE = 1, FAULT_SYNC = 2, FAULT_TRUNCATE = 4 };

struct fault_control {
	volatile int32_t mode;
	volatile int32_t kinds;
	volatile int32_t error; /* errno of FAULT_FAIL */
	volatile int32_t fired;
	volatile int64_t at;    /* counted from 1 since `count` was last set to 0 */
	volatile int64_t count;
};

#endif
