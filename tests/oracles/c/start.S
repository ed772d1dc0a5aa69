/* Entry: EAX is the seed, EDX the address of `out`, ESP a stack. Ends with HLT, the checksum in EAX. */
    .section .start, "ax"
    .globl start
start:
    cld
    pushl %edx
    pushl %eax
    call run
    hlt
    .section .note.GNU-stack, "", @progbits
