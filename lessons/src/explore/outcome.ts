/** What came of a run in the kernel, put together from the messages that it sent on the way. */
import type { KernelMessage } from "@jupyterlab/services"
import type { PartialJSONObject } from "@lumino/coreutils"

/** What was printed, and what was displayed by MIME type; the last of it is the result. */
export interface Outcome {
  readonly printed: string
  readonly bundles: readonly PartialJSONObject[]
}

/** Of a run that has only begun. */
export const NOTHING_YET: Outcome = { printed: "", bundles: [] }

/** How JupyterLab names the MIME type of what a program says of its errors. */
const ERROR_TYPE = "application/vnd.jupyter.stderr"
/** As many characters as a first run may carry. */
const MOST_PRINTED = 20_000

/** The outcome with one more message. */
export function addMessage(
  outcome: Outcome,
  { header, content }: Pick<KernelMessage.IIOPubMessage, "header" | "content">,
): Outcome {
  const { printed, bundles } = outcome
  switch (header.msg_type) {
    case "display_data": {
      const { data } = content as KernelMessage.IDisplayDataMsg["content"]
      return { printed, bundles: [...bundles, data as PartialJSONObject] }
    }
    case "error":
      return { printed, bundles: [...bundles, errorBundle(content as KernelMessage.IErrorMsg["content"])] }
    case "stream": {
      const { text } = content as KernelMessage.IStreamMsg["content"]
      return { printed: (printed + text).slice(0, MOST_PRINTED), bundles }
    }
    case "clear_output":
      return NOTHING_YET
    default:
      return outcome
  }
}

/** An error as JupyterLab shows one below a cell; other front ends show its text. */
function errorBundle({ traceback }: KernelMessage.IErrorMsg["content"]): PartialJSONObject {
  const text = traceback.join("\n")
  return { [ERROR_TYPE]: text, "text/plain": withoutColours(text) }
}

function withoutColours(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours begin with one
  return text.replace(/\u001b\[[\d;]*m/g, "")
}
