/* Another process as /proc shows it. */
#ifndef TESTS_SUPPORT_PROC_H
#define TESTS_SUPPORT_PROC_H

#include <stdint.h>
#include <sys/types.h>

/* All are -1 when it is not to be had. */
int64_t proc_rss_kib(pid_t pid);
int proc_fds(pid_t pid);
int64_t proc_cpu_ms(pid_t pid); /* used since its start, user and system */

#endif
