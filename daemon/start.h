/* The life of the daemon: open, run, stop, close. */
#ifndef DAEMON_START_H
#define DAEMON_START_H

#include "daemon/app.h"

struct app_options {
	const char *config_path, *policy_path, *state_dir, *socket_path; /* NULL: as CONTRACT.md section 1 says */
};

/* Opens everything, in the order in which it can fail cleanly. err->code tells the exit code (app_exit_code). */
int app_open(struct app *app, const struct app_options *options, struct err *err);
/* Runs until app_stop. */
void app_run(struct app *app);
/* The first call lets what is under way at the providers come home (10 s at most), the second stops at once. */
void app_stop(struct app *app);
void app_close(struct app *app);
/* CONTRACT.md section 1: 74 store or I/O, 75 another daemon owns the store, 78 configuration or policy. */
int app_exit_code(const struct err *err);
/* Configuration and policy only, for --check-config. */
int app_check_config(const struct app_options *options, struct err *err);

#endif
