/* sd_notify(3) without libsystemd, and sockets passed by a service manager (sd_listen_fds(3)). */
#ifndef DAEMON_NOTIFY_H
#define DAEMON_NOTIFY_H

#include <stdint.h>

/* Send a state ("READY=1") to $NOTIFY_SOCKET; nothing without one. */
void notify_send(const char *state);
/* Half of $WATCHDOG_USEC in milliseconds, if it is meant for this process; 0: no watchdog. */
int64_t notify_watchdog_ms(void);
/* The one socket that was passed ($LISTEN_FDS is 1), -1 if none was. */
int notify_listen_fd(void);

#endif
