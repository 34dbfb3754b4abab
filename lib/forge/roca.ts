import { checkPrimeSync } from 'node:crypto'

/** A private RSA key as a JWK. */
type RsaJwk = Readonly<Record<'kty' | 'n' | 'e' | 'd' | 'p' | 'q' | 'dp' | 'dq' | 'qi', string>>

const generator = 65537n
const primeBits = 1024

/** The product of the first 126 primes, by which primes of 1024 bits of that library were made. */
const primorial = (): bigint => {
  let product = 1n
  let count = 0
  for (let candidate = 2n; count < 126; candidate += 1n)
    if (checkPrimeSync(candidate)) {
      product *= candidate
      count += 1
    }
  return product
}

const numberOf = (bytes: Buffer): bigint => BigInt(`0x${bytes.toString('hex')}`)

const power = (base: bigint, exponent: bigint, modulus: bigint): bigint => {
  let result = 1n
  for (let square = base % modulus, left = exponent; left > 0n; left >>= 1n) {
    if ((left & 1n) === 1n) result = (result * square) % modulus
    square = (square * square) % modulus
  }
  return result
}

/** The inverse by Euclid's algorithm; the two have no common factor. */
const inverse = (value: bigint, modulus: bigint): bigint => {
  let [low, high] = [value % modulus, modulus]
  let [x, y] = [1n, 0n]
  while (low > 1n) {
    const quotient = high / low
    ;[low, high] = [high % low, low]
    ;[x, y] = [y - quotient * x, x]
  }
  return ((x % modulus) + modulus) % modulus
}

/** A prime of the form k·M + (65537^a mod M), with its highest two bits set. */
const weakPrime = (product: bigint, random: (bytes: number) => Buffer): bigint => {
  const high = 3n << BigInt(primeBits - 2)
  for (;;) {
    const rest = power(generator, numberOf(random(32)), product)
    const k = (high + (numberOf(random(128)) % (1n << BigInt(primeBits - 2)))) / product
    const candidate = k * product + rest
    const fits = candidate >> BigInt(primeBits) === 0n && candidate > high && candidate % generator !== 1n
    if (fits && checkPrimeSync(candidate)) return candidate
  }
}

const text = (value: bigint): string => {
  const hex = value.toString(16)
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex').toString('base64url')
}

/** A private RSA key of 2048 bits whose modulus has the fingerprint of ROCA (CVE-2017-15361). */
export const rocaKey = (random: (bytes: number) => Buffer): RsaJwk => {
  const product = primorial()
  const [p, q] = [weakPrime(product, random), weakPrime(product, random)]
  const [p1, q1] = [p - 1n, q - 1n]
  const d = inverse(generator, p1 * q1)
  return {
    kty: 'RSA',
    n: text(p * q),
    e: text(generator),
    d: text(d),
    p: text(p),
    q: text(q),
    dp: text(d % p1),
    dq: text(d % q1),
    qi: text(inverse(q, p)),
  }
}
