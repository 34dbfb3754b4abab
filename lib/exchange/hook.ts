import { spawn } from 'node:child_process'

/** A command of the user's, without a shell: whether it ended well within that time. Its output is not looked at. */
export const runHook = (
  [file = '', ...args]: readonly string[],
  input: string,
  timeoutMs: number,
): Promise<boolean> =>
  new Promise((resolve) => {
    const child = spawn(file, args, { stdio: ['pipe', 'ignore', 'ignore'], timeout: timeoutMs, shell: false })
    child.on('error', () => resolve(false))
    child.on('close', (code) => resolve(code === 0))
    // A command that does not read its input is none the worse for it.
    child.stdin.on('error', () => undefined)
    child.stdin.end(input)
  })
