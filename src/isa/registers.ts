/** Register numbers as encodings use them, and their names. @see SDM Vol. 2A §2.1.5 "Addressing-Mode Encoding" */

export const EAX = 0
export const ECX = 1
export const EDX = 2
export const EBX = 3
export const ESP = 4
export const EBP = 5
export const ESI = 6
export const EDI = 7

export const ES = 0
export const CS = 1
export const SS = 2
export const DS = 3
export const FS = 4
export const GS = 5
/** The local descriptor table register and the task register hold a descriptor as segment registers do. */
export const LDTR = 6
export const TR = 7

export const NAMES32 = ["EAX", "ECX", "EDX", "EBX", "ESP", "EBP", "ESI", "EDI"] as const
export const NAMES16 = ["AX", "CX", "DX", "BX", "SP", "BP", "SI", "DI"] as const
export const NAMES8 = ["AL", "CL", "DL", "BL", "AH", "CH", "DH", "BH"] as const
export const SEGMENT_NAMES = ["ES", "CS", "SS", "DS", "FS", "GS", "LDTR", "TR"] as const
