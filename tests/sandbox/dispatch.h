/* From a request to its endpoint. */
#ifndef TESTS_SANDBOX_DISPATCH_H
#define TESTS_SANDBOX_DISPATCH_H

#include "tests/sandbox/sandbox.h"

/* The server's receiver; `arg` is the struct sandbox. */
void dispatch_receive(void *arg, struct http_request *request);

#endif
