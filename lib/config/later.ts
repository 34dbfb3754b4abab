import type { Config } from './config.ts'
import type { Fault } from './fault.ts'
import { dotted, parentOf } from './pointer.ts'

/** A fault that shows only once the configuration is used, at the node of its file that a JSON Pointer names. */
export const faultIn = (config: Config, at: string, message: string, hint?: string): Fault => ({
  file: config.file,
  ...placeOf(config, at),
  path: dotted(at),
  message,
  ...(hint !== undefined && { hint }),
})

const placeOf = (config: Config, at: string): Pick<Fault, 'line' | 'column'> =>
  config.places?.get(at) ?? (at === '' ? {} : placeOf(config, parentOf(at)))
