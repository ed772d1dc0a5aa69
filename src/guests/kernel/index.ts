/**
 * A small operating system, to be read in an evening and to be run under hypervisors that it knows nothing of: processes in ring
 * 3 with an address space each, preemption, system calls, demand-zero and copy-on-write pages, a serial console with interrupts.
 * It is made from text, a piece a file; begin with `layout.ts`, then `boot.ts`, `traps.ts`, `paging.ts`, `processes.ts`.
 */
import { assemble } from "../../isa/assemble"
import type { Program } from "../../isa/program"
import { once } from "../once"
import { BOOT, HEADER } from "./boot"
import { commandLine } from "./command-line"
import { CONSOLE_SIZES, consoleDriver } from "./console"
import { DESCRIPTORS, MAKE_DESCRIPTORS } from "./descriptors"
import { DEVICE_PROGRAMS } from "./device-programs"
import { FACES, type Face } from "./faces"
import { faults } from "./faults"
import { frames } from "./frames"
import { HOSTILE } from "./hostile"
import { INIT } from "./init"
import { LAYOUT, ZEROED } from "./layout"
import { PAGING } from "./paging"
import { processes } from "./processes"
import { processor } from "./processor"
import { PROGRAMS } from "./programs"
import { REPORTS } from "./report"
import { scheduling } from "./scheduling"
import { systemCalls } from "./system-calls"
import { PROGRAM_NAMES, taskLists } from "./tasks"
import { traps } from "./traps"
import { USER_MEMORY } from "./user-memory"

/** Builds of the kernel by the guest's name. */
export type KernelName = keyof typeof FACES

/** What the command line asks for if it asks for nothing. */
const BY_DEFAULT = ["mix", 3] as const

const kernelSource = (face: Face) =>
  [
    LAYOUT,
    CONSOLE_SIZES,
    HEADER,
    DESCRIPTORS,
    BOOT,
    MAKE_DESCRIPTORS,
    processor(face),
    traps(face),
    frames(face),
    PAGING,
    faults(face),
    processes(face),
    scheduling(face),
    systemCalls(face),
    USER_MEMORY,
    consoleDriver(face),
    REPORTS,
    commandLine(PROGRAM_NAMES, BY_DEFAULT),
    "; From here on ring 3 may read.\nalign 4096\nuser_code:",
    INIT,
    PROGRAMS,
    DEVICE_PROGRAMS,
    HOSTILE,
    taskLists(),
    "align 4096\nuser_code_end:\nimage_end:",
    ZEROED,
  ].join("\n")

const BUILDS: Readonly<Record<KernelName, () => Program>> = {
  kernel: once(() => assemble(kernelSource(FACES.kernel))),
  "kernel-well-behaved": once(() => assemble(kernelSource(FACES["kernel-well-behaved"]))),
}

/**
 * The kernel as a program; its bytes are a Multiboot image, for `loadMultiboot` or another boot loader.
 * @param name `kernel`, or `kernel-well-behaved`, which uses no instruction that is sensitive and not privileged
 */
export const kernelProgram = (name: KernelName): Program => BUILDS[name]()
