/* The help, from the method table. */
#ifndef TUI_HELP_H
#define TUI_HELP_H

#include "ipc/method.h"

#include <stdio.h>

void help_write(FILE *out);
void help_write_verb(FILE *out, const struct method *method);
void help_write_call(FILE *out);

#endif
