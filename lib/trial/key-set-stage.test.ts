import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { makeMaterial } from '../forge/published-key.ts'
import { makeKeys, type KeyStore } from './key-set-stage.ts'

const random = (bytes: number): Buffer => randomBytes(bytes)

const openStore = () => {
  const asked: string[] = []
  const store: KeyStore = {
    material: (kind, index) => {
      asked.push(`${kind} ${index}`)
      return makeMaterial(kind, 'ES256', random)
    },
  }
  return { store, asked }
}

test('every key that the changes publish is made before, once, and the one that shows when they are taken up', async () => {
  const { store, asked } = openStore()
  await makeKeys(
    [
      { add: [{ as: 'before' }, { key: 'EdDSA' }, { raw: { kty: 'x' } }] },
      { replace: [{ key: 'issuer' }, { as: 'next' }, { key: 'oct', times: 50 }] },
    ],
    store,
  )
  expect(asked.toSorted()).toEqual(['EdDSA 0', 'fresh 0', 'fresh 1', 'fresh 99', 'oct 0'])
})

test('a key that cannot be made is told by the step that needs it', async () => {
  const store: KeyStore = { material: () => Promise.reject(new Error('no such curve')) }
  await expect(makeKeys([{ add: [{ key: 'Ed448' }] }], store)).resolves.toBeUndefined()
})
