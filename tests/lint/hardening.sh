#!/bin/sh
# The programs are built the way they must be: position independent, read-only relocations bound at start, no executable
# stack, checked stack and library calls. Looks at what is built in $BUILD, if anything is.
set -eu
. "$(dirname "$0")/lib.sh"

build=${BUILD:-build/release}
for program in "$build/almanacd" "$build/almanac"; do
	[ -x "$program" ] || continue
	all=$(readelf --wide --file-header --program-headers --dynamic --dyn-syms --notes "$program")
	need() {
		printf '%s\n' "$all" | grep -qE "$1" || echo "$program: no $2"
	}
	need 'Type: +DYN' 'position independent code'
	need 'GNU_RELRO' 'read-only relocations'
	need 'BIND_NOW|FLAGS.* NOW' 'binding at start'
	need 'GNU_STACK .* RW ' 'stack without execute permission'
	need '__stack_chk_fail' 'stack protector'
	need '__[a-z]+_chk(@|$)' 'fortified library calls'
	case $(uname -m) in
	# The start files of Debian 12 have no such mark, so that the linker gives the program none; the code has it.
	x86_64) objdump --disassemble=main "$program" | grep -q endbr64 || echo "$program: no control-flow protection" ;;
	esac
done | verdict
