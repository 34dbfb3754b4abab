import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Format } from '../config/config.ts'
import { renderHtml } from './html.ts'
import { renderJson } from './json.ts'
import { renderJunit } from './junit.ts'
import { renderMarkdown } from './markdown.ts'
import type { Report } from './report.ts'
import { renderSarif } from './sarif.ts'

/** The renderer of each format, and the name of the file that it fills. */
export const renderers: Readonly<
  Record<Format, { readonly file: string; readonly render: (report: Report) => string }>
> = {
  json: { file: 'report.json', render: renderJson },
  html: { file: 'report.html', render: renderHtml },
  junit: { file: 'junit.xml', render: renderJunit },
  sarif: { file: 'report.sarif', render: renderSarif },
  markdown: { file: 'summary.md', render: renderMarkdown },
}

/**
 * Writes a report in the chosen formats into a folder, which is made where it is missing, and returns the files'
 * paths. Each file comes to its name in one move, so that a reader never sees half of one. Throws the system's error
 * where the folder can't be written.
 */
export const writeReport = async (
  report: Report,
  { dir, formats }: { readonly dir: string; readonly formats: readonly Format[] },
): Promise<readonly string[]> => {
  await mkdir(dir, { recursive: true })
  const paths: string[] = []
  for (const format of new Set(formats)) {
    const { file, render } = renderers[format]
    const path = join(dir, file)
    await moveInto(path, render(report))
    paths.push(path)
  }
  return paths
}

/** The temporary file lies in the same folder, because only within a file system a move is one step. */
const moveInto = async (path: string, text: string): Promise<void> => {
  const temporary = `${path}.${process.pid}.tmp`
  try {
    await writeFile(temporary, text)
    await rename(temporary, path)
  } finally {
    await rm(temporary, { force: true })
  }
}
