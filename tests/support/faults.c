/* Faults in the daemon's file operations. */
#include "tests/support/faults.h"

#include "tests/support/process.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

void faults_open(struct faults *faults)
{
	char library[PATH_MAX];
	(void)snprintf(faults->path, sizeof faults->path, "/tmp/almanac-faults-XXXXXX");
	int fd = mkstemp(faults->path);
	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, (off_t)sizeof *faults->control), 0);
	void *map = mmap(NULL, sizeof *faults->control, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	assert_true(map != MAP_FAILED);
	close(fd);
	faults->control = map;
	process_program(library, sizeof library, "tests/faults/preload.so");
	assert_int_equal(access(library, R_OK), 0);
	(void)snprintf(faults->env_control, sizeof faults->env_control, "ALMANAC_FAULTS=%s", faults->path);
	(void)snprintf(faults->env_preload, sizeof faults->env_preload, "LD_PRELOAD=%s", library);
	/* A sanitized daemon wants its runtime first; ours wraps nothing that it wraps too. */
	(void)snprintf(faults->env_asan, sizeof faults->env_asan, "ASAN_OPTIONS=verify_asan_link_order=0");
	faults->env[0] = faults->env_control;
	faults->env[1] = faults->env_preload;
	faults->env[2] = faults->env_asan;
	faults->env[3] = NULL;
}

void faults_close(struct faults *faults)
{
	(void)munmap(faults->control, sizeof *faults->control);
	(void)unlink(faults->path);
}

void faults_set(struct faults *faults, enum fault_mode mode, int kinds, int64_t at, int error)
{
	faults->control->mode = FAULT_OFF;
	faults->control->kinds = kinds;
	faults->control->error = error;
	faults->control->at = at;
	faults->control->count = 0;
	faults->control->fired = 0;
	faults->control->mode = (int32_t)mode;
}

void faults_off(struct faults *faults)
{
	faults->control->mode = FAULT_OFF;
}
