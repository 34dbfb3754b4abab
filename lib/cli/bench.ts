import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { loadConfig } from '../config/load.ts'
import type { Config } from '../config/config.ts'
import type { Deviation } from '../config/deviation.ts'
import type { Suite } from '../config/suite.ts'
import { plan, type PlannedCase, type PlannedVariant } from '../plan/plan.ts'
import { featuresOf } from '../plan/features.ts'
import { gather } from '../trial/gather.ts'
import { openShop } from '../trial/workshop.ts'
import type { ForgedRequest } from '../forge/request.ts'
import { ValueError } from '../forge/scene.ts'
import { standInConfig } from './embedded.ts'
import { openSuite } from './suite.ts'
import { UsageError, type Terminal } from './terminal.ts'

/** One case on the bench: what it is, and its request as it would be sent. */
export type Benched = {
  readonly config: Config
  readonly suite: Suite
  readonly planned: PlannedCase
  readonly variant: PlannedVariant
  readonly make: () => ForgedRequest
  /** Any other request to this target; undefined where it cannot be made. */
  readonly makeOther: (deviation: Deviation) => ForgedRequest | undefined
}

/**
 * Finds a case, or CASE/VARIANT, and opens the forge for it without sending anything to the target: that of the named
 * configuration, of gateproof.yaml, or where there is neither of the embedded stack.
 */
export const benchCase = async (
  id: string,
  file: string | undefined,
  terminal: Terminal,
): Promise<Benched> => {
  const config = await configFor(file, terminal)
  const suite = openSuite(config.cases.files)
  const [name = '', variantName] = id.split('/')
  const gathered = await gather(config, terminal)
  if (gathered.kind === 'failed') throw new UsageError(gathered.message)
  const features = featuresOf(config, gathered.facts)
  const all = plan(suite, { include: [], exclude: [] }, { target: config.target, features, risky: true })
  const planned = all.find((one) => one.case.id === name)
  if (planned === undefined)
    throw new UsageError(`no case is called \`${name}\`; gateproof list shows them all`)
  const variant =
    variantName === undefined ? planned.variants[0] : planned.variants.find((one) => one.name === variantName)
  if (variant === undefined) {
    const names = planned.variants.flatMap((one) => one.name ?? []).join(', ')
    throw new UsageError(
      `\`${name}\` has no variant \`${variantName ?? ''}\`; it has ${names === '' ? 'none' : names}`,
    )
  }
  const { make } = openShop(config, gathered, terminal)
  return {
    ...{ config, suite, planned, variant },
    make: () => makeHere(() => make(variant.deviation), id),
    makeOther: (deviation) => makeIfPossible(() => make(deviation)),
  }
}

/** The named configuration, gateproof.yaml, or where there is neither that of the embedded stack, which is said. */
export const configFor = async (file: string | undefined, terminal: Terminal): Promise<Config> => {
  const usual = 'gateproof.yaml'
  if (file !== undefined || existsSync(resolve(terminal.cwd, usual)))
    return loadConfig(file ?? usual, terminal)
  terminal.err(`there is no ${usual} here: this is for the embedded stack (gateproof serve --embedded)\n`)
  return standInConfig(terminal)
}

const made = (make: () => ForgedRequest): ForgedRequest | ValueError => {
  try {
    return make()
  } catch (error) {
    if (error instanceof ValueError) return error
    throw error
  }
}

const makeIfPossible = (make: () => ForgedRequest): ForgedRequest | undefined => {
  const request = made(make)
  return request instanceof ValueError ? undefined : request
}

const makeHere = (make: () => ForgedRequest, id: string): ForgedRequest => {
  const request = made(make)
  if (request instanceof ValueError)
    throw new UsageError(`${id} cannot be made for this target: ${request.message}`)
  return request
}
