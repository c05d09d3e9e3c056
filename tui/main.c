/* almanac: the console and the one-shot command. */
#include "tui/cli.h"

int main(int argc, char **argv)
{
	return cli_main(argc, argv);
}
