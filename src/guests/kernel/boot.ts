/** How the kernel starts: what a boot loader leaves, interrupt controllers, and the start-up report. */
import { AS, report } from "./report"

const ORIGIN = 0x10_0000
const MAGIC = 0x1bad_b002
/** The header holds addresses; mem_upper is wanted. */
const DEMANDS = 0x1_0002

/** The beginning of the file: a jump, since a program without a boot loader starts at its first byte, and the Multiboot header. */
export const HEADER = `bits 32
org ${ORIGIN}
start:
  jmp boot
align 4
header:
  dd ${MAGIC}, ${DEMANDS}, ${-(MAGIC + DEMANDS) >>> 0}
  dd header, start, image_end, frames, start  ; where it is, first byte, end of the file's bytes, end of zeros, entry
`

/** What the boot loader said, then the tables, paging, devices, and the first process. */
export const BOOT = `
; A Multiboot loader: EAX holds a magic number, EBX points to what it has to say. Any other: 16 MiB and no command line.
boot:
  mov esp, boot_stack
  cld
  mov esi, no_command_line
  mov edx, 0x1000000
  cmp eax, 0x2badb002
  jne .known
  test dword [ebx], 1     ; flags: is mem_upper there?
  jz .line
  mov edx, [ebx + 8]      ; KiB above the first MiB
  shl edx, 10
  add edx, 0x100000
.line:
  test dword [ebx], 4     ; the command line?
  jz .known
  mov esi, [ebx + 16]
.known:
  lea eax, [edx + 0xfffff]
  shr eax, 20
  mov [memory_mib], eax
  cmp edx, MOST_FRAMES * PAGE
  jbe .counted
  mov edx, MOST_FRAMES * PAGE
.counted:
  and edx, -PAGE
  mov [memory_end], edx
  call read_command_line
  call serial_setup
  call make_descriptors
  call load_tables
  call map_memory
  call start_paging
  call controller_setup
  call look
  xor ebp, ebp
  mov ebx, start_report
  call put_report
  call timer_setup
  jmp first_process

; The 8259s: lines 0-7 become vectors 20h-27h, lines 8-15 28h-2Fh, away from the processor's own. All are masked.
controller_setup:
  mov esi, .words
  mov ecx, 10
.next:
  xor edx, edx
  mov dl, [esi]
  mov al, [esi + 1]
  call port_out
  add esi, 2
  loop .next
  ret
.words:                   ; port, byte: ICW1 to ICW4 of both, then the masks
  db 0x20, 0x11, 0xa0, 0x11, 0x21, 0x20, 0xa1, 0x28, 0x21, 4, 0xa1, 2, 0x21, 1, 0xa1, 1, 0x21, 0xff, 0xa1, 0xff

memory_end: dd 0          ; of the memory that is counted
memory_mib: dd 0
no_command_line: db 0

${report("start_report", [
  ["kernel: ", "memory_mib", AS.decimal],
  [" MiB of memory, runs ", "program_name", AS.text],
  [" ", "program_size", AS.decimal],
  ["\nstate: ring ", "seen.ring", AS.decimal],
  [", interrupts on inside a critical section: ", "seen.inside", AS.yesNo],
  [", after it: ", "seen.after", AS.yesNo],
  [", gdt ", "seen.gdt + 2", 8],
  ["/", "seen.gdt", 4],
  [", idt ", "seen.idt + 2", 8],
  ["/", "seen.idt", 4],
  [", msw ", "seen.status", 4],
  [", tr ", "seen.task", 4],
  ["\n"],
])}
`
