/* OAuth scope lists as sets. */
#include "daemon/provider/scopes.h"

#include "ipc/base/buf.h"
#include "ipc/base/mem.h"

#include <stdlib.h>
#include <string.h>

static const char blanks[] = " \t\r\n";

struct words {
	char **items;
	size_t count;
};

bool scopes_next(const char **at, const char **word, size_t *len)
{
	*word = *at + strspn(*at, blanks);
	*len = strcspn(*word, blanks);
	*at = *word + *len;
	return *len > 0;
}

static struct words words_split(const char *text)
{
	struct words words = { 0 };
	const char *word;
	size_t len;
	while (scopes_next(&text, &word, &len)) {
		words.items = mem_grow_array(words.items, words.count + 1, sizeof *words.items);
		words.items[words.count++] = mem_strndup(word, len);
	}
	return words;
}

static void words_free(struct words *words)
{
	for (size_t i = 0; i < words->count; i++)
		free(words->items[i]);
	free(words->items);
}

static char *take_text(struct buf *buf)
{
	char *text = mem_strdup(buf_text(buf));
	buf_free(buf);
	return text;
}

static void add_word(struct buf *list, const char *word)
{
	if (list->len > 0)
		buf_add_char(list, ' ');
	buf_add_text(list, word);
}

static int compare_words(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

char *scopes_normalise(const char *text, scope_spelling_fn *spelling)
{
	struct words words = words_split(text);
	struct buf list = { 0 };
	for (size_t i = 0; i < words.count; i++) {
		char *spelled = mem_strdup(spelling(words.items[i]));
		free(words.items[i]);
		words.items[i] = spelled;
	}
	if (words.count > 1)
		qsort(words.items, words.count, sizeof *words.items, compare_words);
	for (size_t i = 0; i < words.count; i++)
		if (i == 0 || strcmp(words.items[i - 1], words.items[i]) != 0)
			add_word(&list, words.items[i]);
	words_free(&words);
	return take_text(&list);
}

static bool seen_before(const struct words *words, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (strcmp(words->items[i], words->items[at]) == 0)
			return true;
	return false;
}

char *scopes_missing(const struct provider *provider, const char *granted, const char *required)
{
	struct words words = words_split(required ? required : "");
	struct buf list = { 0 };
	for (size_t i = 0; i < words.count; i++)
		if (!seen_before(&words, i) && !provider->scope_covers(granted ? granted : "", words.items[i]))
			add_word(&list, words.items[i]);
	words_free(&words);
	return take_text(&list);
}
