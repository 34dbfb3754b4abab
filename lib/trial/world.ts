import type { Exchanger } from '../exchange/exchange.ts'
import type { Attackers } from '../forge/keyring.ts'
import type { HookName } from '../config/steps.ts'
import type { KeySet } from '../serve/key-set.ts'
import type { Listener } from '../serve/listener.ts'
import type { HitSource } from './witness.ts'

/** What a run takes from the world. */
export type World = {
  readonly exchanger: Exchanger
  /** The upstream that we own, if it is up. */
  readonly upstream?: HitSource
  /** The key set that we serve, if it is up. */
  readonly keySet?: KeySet
  /** What nobody may fetch from, if it is up. */
  readonly listener?: Listener
  /** The attacker's keys, where they are being made already. */
  readonly attackers?: Promise<Attackers>
  /** Runs a command of the user's, with a text on its standard input; false where it failed. */
  readonly runHook?: (name: HookName, input: string) => Promise<boolean>
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Ends early, without an error, where `signal` is aborted. */
  readonly sleep: (ms: number) => Promise<void>
  readonly newId: () => string
  readonly random: (bytes: number) => Buffer
  /** Aborted where the run is called off: what was finished by then is judged, the rest is `interrupted`. */
  readonly signal: AbortSignal
  readonly onEvent: (event: RunEvent) => void
}

export type RunEvent =
  | { readonly kind: 'planned'; readonly cases: number; readonly applicable: number }
  | { readonly kind: 'taught' }
  | { readonly kind: 'progress'; readonly done: number; readonly of: number }
  /** The good token of somebody else ends before so much can be sent, and whether another takes its place then. */
  | { readonly kind: 'ends-early'; readonly inSeconds: number; readonly isRenewable: boolean }
  /** Another token could not be got. */
  | { readonly kind: 'not-renewed'; readonly message: string }
  /** What the policy leaves open, as the good token of somebody else has it. */
  | { readonly kind: 'policy-read'; readonly read: PolicyRead }

/** Of `policy`, and no more than it leaves open. */
export type PolicyRead = {
  readonly issuer?: string
  readonly audiences?: readonly string[]
  readonly algorithm?: string
}
