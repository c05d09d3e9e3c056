/* The filter language of the lists. */
#include "tui/filter.h"

#include "ipc/base/buf.h"
#include "ipc/base/mem.h"
#include "ipc/base/strutil.h"
#include "ipc/base/text.h"

#include <stdlib.h>
#include <string.h>
#include <wctype.h>

static void add_point(struct buf *out, uint32_t c)
{
	char bytes[4] = { (char)c };
	size_t len = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	static const unsigned lead[] = { 0, 0, 0xc0, 0xe0, 0xf0 };
	for (size_t i = len; len > 1 && i-- > 1; c >>= 6)
		bytes[i] = (char)(0x80 | (c & 0x3f));
	if (len > 1)
		bytes[0] = (char)(lead[len] | c);
	buf_add(out, bytes, len);
}

char *filter_fold(const char *text)
{
	struct buf out = { 0 };
	size_t used;
	for (size_t left = strlen(text); left > 0; text += used, left -= used)
		add_point(&out, (uint32_t)towlower((wint_t)text_decode(text, left, &used)));
	return out.data ? out.data : mem_strdup("");
}

static const char *const facet_names[FILTER_FACETS] = { "state:", "ws:", "reason:" };

static void add_term(struct filter *filter, const char *word)
{
	if (filter->count == FILTER_TERMS_MAX)
		return;
	bool negated = false;
	int facet = -1;
	if (*word == '!') {
		negated = true;
		word++;
	}
	for (int i = 0; i < FILTER_FACETS; i++)
		if (str_starts_with(word, facet_names[i])) {
			facet = i;
			word += strlen(facet_names[i]);
			break;
		}
	if (facet >= 0 && *word == '!') {
		negated = !negated;
		word++;
	}
	/* What is not finished yet narrows nothing. */
	if (*word == '\0')
		return;
	filter->terms[filter->count].text = word;
	filter->terms[filter->count].facet = facet;
	filter->terms[filter->count].negated = negated;
	filter->count++;
}

void filter_parse(struct filter *filter, const char *text)
{
	char *folded = filter_fold(text);
	filter->count = 0;
	(void)str_copy(filter->text, sizeof filter->text, folded);
	free(folded);
	char *at = filter->text;
	while (*at) {
		at += strspn(at, " ");
		size_t len = strcspn(at, " ");
		if (len == 0)
			break;
		char *word = at;
		at += len;
		if (*at)
			*at++ = '\0';
		add_term(filter, word);
	}
}

bool filter_matches(const struct filter *filter, const char *folded, char *const facets[FILTER_FACETS])
{
	for (size_t i = 0; i < filter->count; i++) {
		int facet = filter->terms[i].facet;
		const char *where = facet < 0 ? folded : facets[facet];
		bool found = where && strstr(where, filter->terms[i].text) != NULL;
		if (found == filter->terms[i].negated)
			return false;
	}
	return true;
}
