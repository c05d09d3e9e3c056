/* UUID version 7. */
#include "ipc/base/id.h"

#include <stdint.h>
#include <string.h>

void id_make(char out[ID_TEXT_SIZE], const struct clock *clock, const struct rng *rng)
{
	static const char hex[] = "0123456789abcdef";
	uint8_t bytes[16];
	uint64_t ms = (uint64_t)clock_wall(clock);
	rng_fill(rng, bytes, sizeof bytes);
	for (int i = 0; i < 6; i++)
		bytes[i] = (uint8_t)(ms >> (40 - 8 * i));
	bytes[6] = (uint8_t)(0x70 | (bytes[6] & 0x0f));
	bytes[8] = (uint8_t)(0x80 | (bytes[8] & 0x3f));
	char *at = out;
	for (int i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*at++ = '-';
		*at++ = hex[bytes[i] >> 4];
		*at++ = hex[bytes[i] & 15];
	}
	*at = '\0';
}

bool id_is_valid(const char *text)
{
	if (strnlen(text, ID_TEXT_SIZE) != ID_TEXT_SIZE - 1)
		return false;
	for (int i = 0; i < ID_TEXT_SIZE - 1; i++) {
		char c = text[i];
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;
		if (dash ? c != '-' : !((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')))
			return false;
	}
	return true;
}
