/** What `--help` prints. */

const EXIT_CODES = `Exit codes of run:
  0  the machine halted: HLT, and nothing can wake it
  2  the command was not understood
  3  a file cannot be read, written or used
  4  the processor shut down (triple fault)
  5  the limit of --max-instructions was reached
  6  the machine reset itself, and there is no ROM to start from
  7  a boot sector called a BIOS service that this machine does not have
  130  Ctrl-C (SIGINT); 129 SIGHUP, 143 SIGTERM: what the guest sent until then is where it was to go
  141  nobody reads the output any more`

/** Texts by command. */
export const HELP: Readonly<Record<string, string>> = {
  "": `ringlab: an IA-32 machine on the command line

  ringlab run FILE      run an assembly source, a kernel, a binary or a ROM; or a guest that is there already (--guest NAME)
  ringlab asm FILE      assemble a source
  ringlab disasm FILE   disassemble a binary
  ringlab classify      find privileged and sensitive instructions by running them

ringlab COMMAND --help tells the options; ringlab --version tells the version.

${EXIT_CODES}`,
  run: `ringlab run FILE [options]
ringlab run --guest NAME [options]

FILE is an assembly source (.asm, .nasm, .s, or any text), a Multiboot kernel, an ELF executable for the 386, a boot
sector (55h and AAh at byte 510), a flat binary (with --at) or a ROM (with --bios). A boot sector, or a source that makes
one, starts at 0000:7C00 in real-address mode; there is no BIOS, and of its services only INT 10h with AH = 0Eh, which
writes to the serial port.
All others but a ROM start in 32-bit protected mode with flat segments, paging and interrupts off. What the guest sends
to its serial port goes to standard output, the report to standard error, with what it left on the text screen at B8000h.

  --guest NAME           run a guest that ringlab brings along, in place of a file; with --cmdline it is told what to do
  --guests               list these guests, and run none
  --at ADDRESS           where a flat binary is put and starts: 1048576, 0x100000 or 100000h
  --bits 16|32           size of a source's code, if it does not say; 32 if not said, 16 if it makes a boot sector
  --bios                 FILE is a ROM of 64 or 128 KiB, started at F000:FFF0 in real-address mode
  --cmdline TEXT         the command line of a Multiboot kernel; the guest "kernel" takes "mix 3", "calls 10" and others
  --module FILE          a module for a Multiboot kernel, which is told this name; may be given more than once
  --memory MIB           1 to 2048; 16 if not said
  --generation NAME      the processor's generation: its clock, what things cost and what CPUID says. pentium-pro (200 MHz), if
                         not said; pentium-4 (3.8 GHz); or p6, as in notebooks: so slow a clock (33 MHz) for its prices that
                         a guest that waits for devices by a timer may give up
  --max-instructions N   stop after so many steps; an iteration of REP and the delivery of an interrupt count as one each
  --serial stdio|FILE    stdio: what the guest sends goes to standard output, and what comes from standard input is typed at
                         its serial port, at the line's speed; a file gives the same run every time. FILE: what it sends
                         goes there. If not said, it goes to standard output, and nothing is typed
  --keyboard stdio|FILE  what comes from standard input, or stands in a file, is typed on the keyboard, a US one, when the
                         guest halts or has had a million steps
  --hypervisor NAME      bare, if not said: the guest has the machine itself. trap-and-emulate: its kernel runs in ring 1, and
                         what is privileged traps to a monitor. binary-translation: its kernel's code is translated. The
                         report then has exits by reason. --memory is the guest's
  --difference           compare the guest under the hypervisor with itself on bare metal, instruction by instruction, and print
                         the first difference
  --trace FILE           write a line a step: number, ring, CS:EIP, instruction, what changed, what happened
  --json                 print the report as JSON on standard output, with the serial output in it, and with what was
                         typed and when; --serial stdio then sends to standard error

${EXIT_CODES}`,
  asm: `ringlab asm FILE [options]

Assembles what NASM's flat format would be: FILE.bin.

  -o, --output FILE   where the bytes go
  --at ADDRESS        address of the first byte, if the source has no org; 0 if not said
  --bits 16|32        size of the code, if the source does not say; 32 if not said, 16 if it makes a boot sector
  --listing           print lines with addresses and bytes; a file is written only with --output`,
  disasm: `ringlab disasm FILE [options]

Disassembles the executable segments of an ELF file, and all bytes of any other file.

  --at ADDRESS    address of the first byte; 0 if not said
  --bits 16|32    size of the code segment; 32 if not said
  --skip N        leave out the first N bytes
  --length N      take N bytes`,
  classify: `ringlab classify [options]

Runs every form of every instruction from at least 2,000 states and prints which are privileged and which are sensitive.
"!" marks those that are sensitive and complete in user mode: they keep Popek and Goldberg's theorem from holding.

  --machine NAME     ia32, if not said; third-generation, a small machine as in the theorem's paper, which satisfies it; or
                     third-generation-flawed, which misses it by one instruction
  --ring 1|3         the ring that stands for user mode; 3 if not said
  --iopl N           0 to 3; 0 if not said
  --umip             with CR4.UMIP: SGDT, SIDT, SLDT, SMSW and STR trap
  --repair NAMES     instructions that trap outside ring 0 in this imaginary processor: POPF,SGDT,"PUSH CS"
  --seed N           of the states; 1 if not said
  --json             print everything, with witnesses, as JSON`,
}
