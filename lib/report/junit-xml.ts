import { escapeXml, escapeXmlLines } from './escape.ts'

/** What keeps a test case from having passed. */
export type Outcome = {
  readonly element: 'failure' | 'error' | 'skipped'
  readonly type?: string
  readonly message: string
  readonly text: string
}
export type TestCase = {
  readonly className: string
  readonly name: string
  readonly seconds: number
  readonly outcome?: Outcome
}
export type Suite = { readonly name: string; readonly cases: readonly TestCase[] }

/** Writes suites down as a `testsuites` document; the counts on each suite are those of its elements. */
export const renderXml = (document: {
  readonly name: string
  readonly suites: readonly Suite[]
  /** ISO 8601 without a zone, as the grammar wants it. */
  readonly timestamp: string
}): string =>
  [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="${escapeXml(document.name)}" ${counts(document.suites.flatMap((suite) => suite.cases))}>`,
    ...document.suites.map((suite) => renderSuite(suite, document.timestamp)),
    '</testsuites>',
    '',
  ].join('\n')

const counts = (cases: readonly TestCase[]): string => {
  const count = (element: Outcome['element']) =>
    cases.filter((each) => each.outcome?.element === element).length
  return `tests="${cases.length}" failures="${count('failure')}" errors="${count('error')}"`
}

const renderSuite = ({ name, cases }: Suite, timestamp: string): string => {
  const skipped = cases.filter((each) => each.outcome?.element === 'skipped').length
  const seconds = cases.reduce((sum, each) => sum + each.seconds, 0)
  const attributes = `name="${escapeXml(name)}" ${counts(cases)} skipped="${skipped}" time="${seconds.toFixed(3)}"`
  return [
    `  <testsuite ${attributes} timestamp="${timestamp}">`,
    ...cases.map(renderCase),
    '  </testsuite>',
  ].join('\n')
}

const renderCase = ({ className, name, seconds, outcome }: TestCase): string => {
  const attributes = `classname="${escapeXml(className)}" name="${escapeXml(name)}" time="${seconds.toFixed(3)}"`
  if (outcome === undefined) return `    <testcase ${attributes}/>`
  const { element, type, message, text } = outcome
  const kind = type === undefined ? '' : ` type="${escapeXml(type)}"`
  const open = `${element}${kind} message="${escapeXml(message)}"`
  const body = text === '' ? `<${open}/>` : `<${open}>${escapeXmlLines(text)}</${element}>`
  return `    <testcase ${attributes}>${body}</testcase>`
}
