import { freeClaim } from '../config/forwarded.ts'
import { booleanClaim, dottedClaim, misreadPath, requiredClaim, urlClaim } from '../config/required.ts'
import type { RequiredClaim } from '../config/config.ts'
import { place, placeScope, valueAt } from './good.ts'
import { resolve } from './value.ts'
import { ValueError, type Members, type Scene } from './scene.ts'

type Put = (claims: Members, value: unknown, scene: Scene) => Members

/** Names among a deviation's claims that stand for whatever claim has that part in the target's policy. */
const places: Readonly<Record<string, Put>> = {
  $scope: (claims, value, scene) => placeScope(claims, scene.policy, resolve(value, scene)),
  $forwarded: (claims, value, scene) => {
    const { claim } = found(freeClaim(scene.policy), 'claim that is only forwarded')
    return put(claims, [claim], value, scene)
  },
  /** What the good token says there stays. */
  $routing: (claims, value, scene) => {
    const path = [routingClaim(scene)] as const
    return put(claims, path, valueAt(claims, path) ?? value, scene)
  },
  $required: (claims, value, scene) =>
    put(claims, found(requiredClaim(scene.policy), 'required claim').path, value, scene),
  $boolean: (claims, value, scene) =>
    put(claims, found(booleanClaim(scene.policy, scene.good.claims), 'required boolean').path, value, scene),
  /** The claim moves to where a misreader of its name looks: `dots`, `last-segment`. */
  $misread: (claims, by, { policy }) => {
    if (by !== 'dots' && by !== 'last-segment')
      throw new ValueError(`$misread knows dots and last-segment, not ${String(by)}`)
    const claim = found(by === 'dots' ? dottedClaim(policy) : urlClaim(policy), 'claim with such a name')
    return move(claims, claim, misreadPath(claim, by))
  },
}

/** The claim that the policy says requests are routed by. */
const routingClaim = ({ policy }: Scene): string => {
  const name = policy.enforces.get('routes-by-claim')
  if (typeof name !== 'string') throw new ValueError('this target routes by no claim')
  return name
}

/** The claims with those set that the changes name by their part in the policy, and the changes that are left. */
export const placeClaims = (
  claims: Members,
  changes: Members,
  scene: Scene,
): { readonly claims: Members; readonly others: Members } => {
  const named = Object.entries(changes).filter(([name]) => Object.hasOwn(places, name))
  const placed = named.reduce((so, [name, value]) => places[name]?.(so, value, scene) ?? so, claims)
  return {
    claims: placed,
    others: Object.fromEntries(Object.entries(changes).filter(([name]) => !Object.hasOwn(places, name))),
  }
}

const found = <Found>(claim: Found | undefined, what: string): Found => {
  if (claim === undefined) throw new ValueError(`this target has no ${what}`)
  return claim
}

/** As in all claims, null removes; the tagged `$null` is the value. */
const put = (claims: Members, path: RequiredClaim['path'], value: unknown, scene: Scene): Members =>
  value === null ? place(claims, path, null) : setAt(claims, path, resolve(value, scene))

const setAt = (members: Members, [name, ...rest]: readonly string[], value: unknown): Members => {
  if (name === undefined) return members
  if (rest.length === 0) return { ...members, [name]: value }
  const inner = members[name]
  return { ...members, [name]: setAt(isMembers(inner) ? inner : {}, rest, value) }
}

const move = (claims: Members, { path }: RequiredClaim, to: RequiredClaim['path']): Members =>
  setAt(place(claims, path, null), to, valueAt(claims, path))

const isMembers = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
