/** What the flags are for, in a word or two: "PF" alone is a page fault to whoever reads about one. */
export const FLAG_WORDS: Readonly<Record<string, string>> = {
  CF: "carry",
  PF: "parity",
  AF: "carry of bit 3",
  ZF: "zero",
  SF: "sign",
  TF: "single step",
  IF: "interrupts on",
  DF: "direction",
  OF: "overflow",
  IOPL: "rings for CLI, ports",
  NT: "nested task",
  RF: "no breakpoint now",
  VM: "virtual-8086",
  AC: "alignment check",
  ID: "CPUID can be asked",
}
