import { createInterface } from 'node:readline'

/** Asks on the terminal of a process; Ctrl-D, and Ctrl-C by way of the signal, end a question without an answer. */
export const askOn =
  (process: NodeJS.Process, signal: AbortSignal) =>
  (question: string): Promise<string> =>
    new Promise((resolve) => {
      const lines = createInterface({ input: process.stdin, output: process.stderr })
      const close = () => lines.close()
      signal.addEventListener('abort', close)
      lines.on('SIGINT', () => process.kill(process.pid, 'SIGINT'))
      lines.on('close', () => {
        signal.removeEventListener('abort', close)
        resolve('')
      })
      lines.question(question, (answer) => {
        resolve(answer.trim())
        lines.close()
      })
    })
