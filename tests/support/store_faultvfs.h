/* A file system for SQLite that fails when told to: the k-th operation of the chosen kinds, once or from then on. */
#ifndef TESTS_SUPPORT_STORE_FAULTVFS_H
#define TESTS_SUPPORT_STORE_FAULTVFS_H

#include <stdbool.h>

enum store_fault_op {
	FAULT_OPEN = 1,
	FAULT_DELETE = 2,
	FAULT_READ = 4,
	FAULT_WRITE = 8,
	FAULT_SYNC = 16,
	FAULT_TRUNCATE = 32,
};

struct store_faults {
	unsigned ops;    /* the kinds that count */
	int at;          /* the first to fail, from 1; 0: none */
	bool persistent; /* all after it fail too */
	int code;        /* what SQLite is told */
	int seen, fired;
};

extern struct store_faults store_faults;

/* Make it the default for every file opened from now on; once a process. */
void store_faultvfs_register(void);

#endif
