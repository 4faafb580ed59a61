#!/usr/bin/env bash
# Writes assembler that puts off loading shared libraries until one of their functions is called:
#   lazy_stubs.sh LIBRARY.so... -- ARCHIVE.a... > stubs.S
#
# A program that only parses its command line needs no cryptography and no database, but would pay for mapping
# and relocating them at every start. For each function that the archives want and a library has, this writes a
# stub that jumps through a slot. A slot first leads to lazy_resolve (lazy_resolve.cpp), which opens the library
# by its soname, as the dynamic linker would have done, and fills the slot. x86-64 only.
set -euo pipefail

libraries=()
while [ "$1" != -- ]; do
    libraries+=("$1")
    shift
done
shift

work="$(mktemp -d)"
trap 'rm -r "$work"' EXIT
nm -u --quiet "$@" | awk '$1 == "U" { print $2 }' | sort -u >"$work/wanted"
: >"$work/functions"
: >"$work/sonames"
number=0
for library in "${libraries[@]}"; do
    readelf -d "$library" | sed -n 's/.*(SONAME).*\[\(.*\)\]/\1/p' >>"$work/sonames"
    nm -D --defined-only "$library" | awk '{ sub(/@.*/, "", $3); print $3, $2 }' | sort -u >"$work/defined"
    join "$work/wanted" "$work/defined" >"$work/used"
    if data="$(awk '$2 ~ /[BDR]/ { print $1 }' "$work/used" | grep .)"; then
        echo "$library: these are no functions and cannot be put off: $data" >&2
        exit 1
    fi
    # Weak symbols are copies of the C++ library's templates: those come from the C++ library.
    awk -v number="$number" '$2 ~ /[Ti]/ { print $1, number }' "$work/used" >>"$work/functions"
    number=$((number + 1))
done

awk -v sonames="$(paste -s -d ' ' "$work/sonames")" '
    { name[NR - 1] = $1; library[NR - 1] = $2 }
    END {
        print "    .text"
        for (i = 0; i < NR; ++i) {
            printf "    .globl %s\n    .hidden %s\n    .type %s,@function\n%s:\n", name[i], name[i], name[i], name[i]
            printf "    endbr64\n    jmp *lazy_slots+%d(%%rip)\n    .size %s,.-%s\n", 8 * i, name[i], name[i]
            printf ".Lfirst%d:\n    endbr64\n    pushq $%d\n    jmp lazy_enter\n", i, i
        }
        # All registers that may hold arguments are kept while the function is looked up.
        split("rax rdi rsi rdx rcx r8 r9 r10", kept, " ")
        print "    .type lazy_enter,@function\nlazy_enter:\n    .cfi_startproc\n    .cfi_def_cfa_offset 16"
        for (k = 1; k <= 8; ++k) printf "    pushq %%%s\n    .cfi_adjust_cfa_offset 8\n", kept[k]
        print "    subq $128, %rsp\n    .cfi_adjust_cfa_offset 128"
        for (k = 0; k < 8; ++k) printf "    movaps %%xmm%d, %d(%%rsp)\n", k, 16 * k
        print "    movq 192(%rsp), %rdi\n    call lazy_resolve\n    movq %rax, %r11"
        for (k = 0; k < 8; ++k) printf "    movaps %d(%%rsp), %%xmm%d\n", 16 * k, k
        print "    addq $128, %rsp\n    .cfi_adjust_cfa_offset -128"
        for (k = 8; k >= 1; --k) printf "    popq %%%s\n    .cfi_adjust_cfa_offset -8\n", kept[k]
        print "    addq $8, %rsp\n    .cfi_adjust_cfa_offset -8\n    jmp *%r11\n    .cfi_endproc"
        print "    .size lazy_enter,.-lazy_enter"
        print "    .data\n    .balign 8\n    .globl lazy_slots\n    .hidden lazy_slots\nlazy_slots:"
        for (i = 0; i < NR; ++i) printf "    .quad .Lfirst%d\n", i
        print "    .section .rodata\n    .globl lazy_libraries\n    .hidden lazy_libraries\nlazy_libraries:"
        for (i = 0; i < NR; ++i) printf "    .byte %d\n", library[i]
        print "    .globl lazy_names\n    .hidden lazy_names\nlazy_names:"
        for (i = 0; i < NR; ++i) printf "    .asciz \"%s\"\n", name[i]
        print "    .globl lazy_sonames\n    .hidden lazy_sonames\nlazy_sonames:"
        count = split(sonames, soname, " ")
        for (k = 1; k <= count; ++k) printf "    .asciz \"%s\"\n", soname[k]
        print "    .section .note.GNU-stack,\"\",@progbits"
    }' "$work/functions"
