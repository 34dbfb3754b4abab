import { resolve } from 'node:path'
import type { Config, Target } from './config.ts'
import { underDpop } from './credential.ts'
import { substitute } from './environment.ts'
import { listFaults, type FaultList, type Tell } from './fault-list.ts'
import { ConfigError, type Place } from './fault.ts'
import { resolveLoad } from './load-section.ts'
import { child } from './pointer.ts'
import { resolvePolicy } from './policy.ts'
import { defaults, GateproofFile } from './schema.ts'
import { resolveSelection } from './selection.ts'
import { resolveServe } from './serve.ts'
import { createSource, readNamed, type Source } from './source.ts'
import { resolveTarget } from './target.ts'
import { resolveBinding, resolveEncryption } from './token-protection.ts'
import { resolveTokens, secretsOf } from './tokens.ts'
import { validate } from './validate.ts'
import { resolveWaivers } from './waivers.ts'
import { readYaml, type Positioned } from './yaml.ts'

/** What a configuration is read in: the variables that it may name, and the folder that `file` is relative to. */
export type Surroundings = {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
}

/** Reads a configuration and the files that it names. Throws a ConfigError with all that is wrong in any of them. */
export const loadConfig = (file: string, { env, cwd }: Surroundings): Config => {
  const path = resolve(cwd, file)
  const document = readYaml(file, readNamed(file, path, 'name a configuration with `--config FILE`'))
  const list = listFaults(document)
  const { value, secrets, written } = fillVariables(document, env, list)
  const input = validate(GateproofFile, value, list)
  const settings = input && resolveSections(input, createSource(path, list, written))
  if (settings?.tokens === undefined || list.faults.length > 0) throw new ConfigError(list.faults)
  const { tokens, ...rest } = settings
  return {
    file,
    ...rest,
    tokens,
    secrets: [...new Set([...secrets, ...secretsOf(tokens)])],
    places: placesOf(document),
  }
}

const fillVariables = (document: Positioned, env: Surroundings['env'], list: FaultList) => {
  const { mistakes, ...filled } = substitute(document.value, env)
  for (const { at, message, hint } of mistakes) list.tell(at, message, hint)
  for (const { at } of mistakes) list.mute(at)
  return filled
}

const resolveSections = (input: GateproofFile, source: Source) => {
  const { tell, locate } = source
  const policy = resolvePolicy('/policy', input.policy ?? {}, source)
  const { binding, encryption } = input.tokens ?? {}
  const encrypted = encryption && resolveEncryption('/tokens/encryption', encryption, source)
  const target = resolveTarget('/target', input.target, source)
  return {
    target: binding?.dpop === true ? dpopTarget(target, input, tell) : target,
    policy,
    tokens: resolveTokens('/tokens', input.tokens ?? {}, policy, source),
    ...(binding !== undefined && { binding: resolveBinding('/tokens/binding', binding, source) }),
    ...(encrypted !== undefined && { encryption: encrypted }),
    serve: resolveServe('/serve', input.serve ?? {}, source),
    cases: resolveSelection('/cases', input.cases ?? {}, source),
    waivers: resolveWaivers('/waivers', input.waivers ?? [], tell),
    load: resolveLoad('/load', input.load ?? {}, tell),
    thresholds: input.thresholds ?? [],
    report: {
      dir: locate(input.report?.dir ?? defaults.report.dir),
      formats: input.report?.formats ?? defaults.report.formats,
    },
  }
}

/** The scheme of the good tokens' credentials follows from what binds them, unless the file names it. */
const dpopTarget = (target: Target, { target: { credential } }: GateproofFile, tell: Tell): Target => ({
  ...target,
  credentials: underDpop(target.credentials, credential !== undefined, (message) =>
    tell('/target/credential', message),
  ),
})

const placesOf = ({ value, place }: Positioned): ReadonlyMap<string, Place> => {
  const places = new Map<string, Place>()
  const walk = (at: string, node: unknown): void => {
    places.set(at, place(at))
    if (typeof node !== 'object' || node === null) return
    for (const [key, member] of Object.entries(node)) walk(child(at, key), member)
  }
  walk('', value)
  return places
}
