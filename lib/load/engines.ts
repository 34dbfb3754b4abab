import type { LoadSettings } from '../config/load-settings.ts'
import { autocannonEngine } from './autocannon.ts'
import type { Endpoint } from './endpoint.ts'
import type { Engine } from './engine.ts'
import { http2Engine } from './http2.ts'
import { nativeEngine } from './native.ts'

export const engines = {
  autocannon: autocannonEngine,
  native: nativeEngine,
  http2: http2Engine,
} as const satisfies Record<string, Engine>

export type EngineName = keyof typeof engines

/** The engine that can do what is asked for: autocannon knows neither proxies nor HTTP/2. */
export const engineFor = (
  asked: LoadSettings['engine'],
  { http2, via }: Pick<Endpoint, 'http2' | 'via'>,
): EngineName => {
  if (http2 === true) return 'http2'
  return via === undefined ? asked : 'native'
}
