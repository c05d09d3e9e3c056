/* Child processes of tests: started with a log, stopped, waited for with a limit; removed directories. */
#ifndef TESTS_SUPPORT_PROCESS_H
#define TESTS_SUPPORT_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Path of a program of this build ("almanacd"), beside the test that runs. */
void process_program(char *out, size_t size, const char *name);
/* env: "NAME=value" added to ours, NULL-terminated, may be NULL. Output of both kinds is appended to log. The child dies with us. */
pid_t process_start(const char *const *argv, const char *const *env, const char *log);
/* Exit code, -SIGNAL when killed, INT_MIN when it still runs after timeout_ms. */
int process_wait(pid_t pid, int timeout_ms);
int process_stop(pid_t pid, int signal_number, int timeout_ms);
/* Poll a condition every few milliseconds; false when timeout_ms are over. */
bool process_until(bool (*condition)(void *arg), void *arg, int timeout_ms);
void process_remove_tree(const char *directory);

#endif
