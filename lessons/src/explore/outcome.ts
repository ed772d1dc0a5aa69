/** What came of a run in the kernel, put together from the messages that it sent on the way. */
import type { KernelMessage } from "@jupyterlab/services"
import type { PartialJSONObject } from "@lumino/coreutils"

/** A result by MIME type, and what was printed before it. */
export interface Outcome {
  readonly data: PartialJSONObject
  readonly printed: string
}

/** How JupyterLab names the MIME type of what a program says of its errors. */
const ERROR_TYPE = "application/vnd.jupyter.stderr"
/** As many characters as a first run may carry. */
const MOST_PRINTED = 20_000

/** The outcome with one more message. The last result or error counts; text is put together. */
export function addMessage(
  outcome: Outcome | undefined,
  { header, content }: Pick<KernelMessage.IIOPubMessage, "header" | "content">,
): Outcome | undefined {
  const so = outcome ?? { data: {}, printed: "" }
  switch (header.msg_type) {
    case "display_data":
      return { ...so, data: (content as KernelMessage.IDisplayDataMsg["content"]).data as PartialJSONObject }
    case "error":
      return { ...so, data: errorBundle(content as KernelMessage.IErrorMsg["content"]) }
    case "stream": {
      const { text } = content as KernelMessage.IStreamMsg["content"]
      return { ...so, printed: (so.printed + text).slice(0, MOST_PRINTED) }
    }
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
