/** The public names of ringlab, a line a module. */

export { awaitsKeys } from "./devices/keyboard"
export { type PostCode, type PostState, post } from "./devices/post"
export { screen, screenText } from "./devices/screen"
export { awaitsInput } from "./devices/uart"
export type {
  AnswerForm,
  DecidingRun,
  Exercise,
  Feedback,
  Question,
  Solution,
} from "./exercises/exercise"
export { grade } from "./exercises/grade"
export { replay } from "./exercises/replayed"
export { type AskedExercise, exercise } from "./exercises/show"
export { type MonitorTaskName, monitorTask } from "./exercises/trap-and-emulate/monitors"
export type { MonitorTask, StudentsFunction } from "./exercises/trap-and-emulate/monitors/task"
export type {
  Chart,
  ChoiceParameter,
  Experiment,
  Parameter,
  RangeParameter,
  Result,
  ToggleParameter,
  Values,
} from "./experiments/experiment"
export type { Exploration } from "./experiments/show"
export { type ChartValue, chart } from "./explore/chart"
export { explore, type OwnExploration } from "./explore/explore"
export { EXPLORE_TYPE, type ExploreOutput } from "./explore/output"
export { type Chosen, type ChosenValues, choice, range, toggle } from "./explore/parameters"
export { type BuiltInGuest, GUESTS } from "./guests/catalogue"
export { codeSelector, dataSelector, enterRing, type KitGate, type KitOptions, kit } from "./guests/kit"
export { startController, startPaging, startTimer } from "./guests/traps"
export { MonitoredVcpu, type MonitorOptions, monitor } from "./hypervisors/deprivileged/monitor"
export { type Difference as GuestDifference, firstDifference, type Pair } from "./hypervisors/equivalence"
export type { Exit, ExitOf } from "./hypervisors/exit"
export { HYPERVISORS, type HypervisorName, hypervise } from "./hypervisors/kinds"
export { type HypervisorOptions, TrapAndEmulate } from "./hypervisors/trap-and-emulate"
export { type Ports, serve, type Vcpu } from "./hypervisors/vcpu"
export { restoreBare, type VmImage } from "./hypervisors/virtual-machine"
export { besideBare, type GuestOptions, type Virtualized, virtualize } from "./hypervisors/virtualize"
export { type AssembleOptions, AssemblyError, asm, assemble, type Mistake } from "./isa/assemble"
export { isBootSector } from "./isa/boot-signature"
export {
  type Disassembled,
  type DisassembleOptions,
  disassemble,
  disassembleAll,
  formatInstruction,
  namesByAddress,
} from "./isa/disassemble"
export { describeInstruction, type InstructionHelp } from "./isa/instruction-help"
export { TABLE } from "./isa/isa"
export type { Row } from "./isa/notation"
export { type CodeSize, type Program, type SourceLine, sizeAt } from "./isa/program"
export { loadBootSector, type MissingService, missingService } from "./loaders/boot-sector"
export { isElf, readElf } from "./loaders/elf"
export { flatImage, type Image, loadImage, type Piece } from "./loaders/image"
export { isMultiboot, loadMultiboot, type MultibootModule } from "./loaders/multiboot"
export type { Device, DeviceHost, Ring0, Span } from "./machine/board/device"
export type { Cpu } from "./machine/cpu"
export { type Cause, type Costs, FREE, PENTIUM4, type Price, type PriceChanges } from "./machine/events/costs"
export type { Event, Listener } from "./machine/events/events"
export type { Machine, MachineOptions, MachineState, Outcome } from "./machine/machine"
export type { AnswersByName, FlagName, Flags, RegisterName, Registers } from "./machine/processor/by-name"
export { GENERATIONS, type Generation, type GenerationName } from "./machine/processor/generations"
export { hex, type Size } from "./numbers/int"
export { type PcOptions, pc } from "./pc"
export { createPlayer, type Player, type PlayerOptions } from "./player"
export {
  type BitsApart,
  bitsInWords,
  type Classification,
  CONDITIONS,
  type Conditions,
  type Findings,
  type FormVerdict,
  isSensitive,
  kindOf,
  offendersOf,
  offendingMnemonics,
  type Pairs,
  reversedOnly,
  type Situation,
  type Testimony,
  type Witness,
} from "./theory/classification"
export { classify, type SearchOptions, situate } from "./theory/ia32/classify"
export { provisional, recheck } from "./theory/ia32/recheck"
export {
  type Comparison,
  compareWithRobinIrvine,
  type FormComparison,
  ROBIN_IRVINE,
} from "./theory/robin-irvine"
export { type Judgement, type Theorems, theorem } from "./theory/theorems"
export {
  classifyThirdGeneration,
  recheckThirdGeneration,
  type SmallClassification,
  type SmallConditions,
  type SmallWitness,
} from "./theory/third-generation/classify"
export { VERSION } from "./version"
export { type Check, check, Malformed } from "./views/check"
export { type Compared, compared } from "./views/compared"
export { Diagram } from "./views/diagrams/diagram"
export { drawDiagram } from "./views/diagrams/draw"
export { type Diagrams, type Drawn, diagram } from "./views/diagrams/face"
export { checkScene, type Scene } from "./views/diagrams/scene-check"
export { type Difference, differences } from "./views/difference"
export {
  type DrawOptions,
  drawFrame,
  LANE_ENDS,
  type PartsOptions,
  type Picture,
  type PictureParts,
  pictureText,
  RunPicture,
} from "./views/draw/draw"
export type { Folds } from "./views/draw/fold"
export { countMarks, faultWord, kindWord, SIGNS } from "./views/draw/marks"
export { PAIR_ENDS, PairPicture, type Side } from "./views/draw/pair"
export { DRAW_STYLE } from "./views/draw/style"
export { drawVenn, type Venn, type VennPart } from "./views/draw/venn"
export { checkWatch } from "./views/draw/watches"
export { inRing } from "./views/lanes"
export { LIMITS, TooLarge } from "./views/limits"
export { type MemorySize, RecordedMoment } from "./views/moment"
export {
  type ClassificationOutput,
  type DiagramOutput,
  type ExerciseOutput,
  type ExperimentOutput,
  MIME_TYPE,
  type Output,
  type PairOutput,
  type RecordingOutput,
  type Together,
  type WitnessOutput,
} from "./views/output"
export { checkSize, unpackedTimeline } from "./views/packed"
export { commonStep, otherStep, pairDifferences } from "./views/pair"
export type { Answer, Request } from "./views/player"
export { type Recording, type RecordOptions, record } from "./views/record"
export { type RecordedPair, recordDifference } from "./views/record-difference"
export { type MimeBundle, type Shown, show, type TslabDisplay } from "./views/show"
export { type TracedStep, traceStep } from "./views/trace"
export { mostTelling, popekGoldberg, titleOf, Verdict, vennOf, WitnessPair } from "./views/verdict"
export * from "./views/view"
export { pinOf010 } from "./views/watches"
