import { isMap, type Node } from './node.ts'

const units: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3_600, d: 86_400 }

/** A duration in seconds: `300`, `300s`, `1h30m`, or `{ seconds: 300 }` as protocol buffers write it. */
export const secondsIn = (node: Node): number | undefined => {
  if (isMap(node.value)) return node.get('seconds').number()
  const text = node.text()
  if (text === undefined) return undefined
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text)
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|[smhd])/g)]
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== text) {
    node.tell('expected a duration, such as 300s')
    return undefined
  }
  return parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (units[unit ?? 's'] ?? 1), 0)
}
