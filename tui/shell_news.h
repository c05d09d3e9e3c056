/* What the daemon and the link bring to the shell. */
#ifndef TUI_SHELL_NEWS_H
#define TUI_SHELL_NEWS_H

#include "tui/shell.h"

void shell_news_connected(struct shell *shell);
void shell_news_lost(struct shell *shell, const struct err *why, int64_t retry_at);
/* A message that is no reply. */
void shell_news_message(struct shell *shell, const json_t *message);

#endif
