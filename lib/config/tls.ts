import { createPrivateKey, X509Certificate } from 'node:crypto'
import Type from 'typebox'
import type { Tls } from './config.ts'
import { closed, file, text } from './fields.ts'
import { child } from './pointer.ts'
import type { Source } from './source.ts'

const defaults = { insecure: false } as const

export const TlsSection = Type.Object(
  {
    ca: Type.Optional(file('PEM certificates of the authorities to trust, instead of the system’s')),
    cert: Type.Optional(file('PEM certificate of the client')),
    key: Type.Optional(file('PEM private key of the client’s certificate')),
    servername: Type.Optional(
      text('Name for SNI and for the check of the certificate (default: the host of the URL)'),
    ),
    otherServername: Type.Optional(
      text('Name of another host at the same address, which needs no token: for cases about the name in TLS'),
    ),
    insecure: Type.Optional(
      Type.Boolean({ description: 'Accept any certificate: for laboratories', default: defaults.insecure }),
    ),
  },
  { ...closed, description: 'How to connect by TLS' },
)

/** Reads the files; where a part of it is faulty, what is returned lacks that part. */
export const resolveTls = (
  at: string,
  input: Type.Static<typeof TlsSection> | undefined,
  source: Source,
): Tls => {
  const ca = input?.ca === undefined ? undefined : readCertificate(child(at, 'ca'), input.ca, source)
  const pair = resolvePair(at, input ?? {}, source)
  return {
    ...(ca !== undefined && { ca }),
    ...pair,
    ...(input?.servername !== undefined && { servername: input.servername }),
    ...(input?.otherServername !== undefined && { otherServername: input.otherServername }),
    insecure: input?.insecure ?? defaults.insecure,
  }
}

export const CertificatePair = Type.Object(
  { cert: file('PEM certificate'), key: file('PEM private key') },
  { ...closed, description: 'A certificate with its private key' },
)

type Pair = { readonly cert: string; readonly key: string }

/** Reads a certificate and its key, which must be given together and belong together. */
export const resolvePair = (
  at: string,
  { cert: certFile, key: keyFile }: { readonly cert?: string; readonly key?: string },
  source: Source,
): Pair | undefined => {
  if (certFile === undefined && keyFile === undefined) return undefined
  if (certFile === undefined || keyFile === undefined) {
    const missing = certFile === undefined ? 'cert' : 'key'
    source.tell(child(at, missing), `\`cert\` and \`key\` go together: \`${missing}\` is missing`)
    return undefined
  }
  const cert = readCertificate(child(at, 'cert'), certFile, source)
  const key = readPrivateKey(child(at, 'key'), keyFile, source)
  if (cert === undefined || key === undefined) return undefined
  if (!new X509Certificate(cert).checkPrivateKey(createPrivateKey(key)))
    source.tell(child(at, 'key'), 'the key does not belong to the certificate')
  return { cert, key }
}

const readCertificate = (at: string, name: string, source: Source): string | undefined =>
  readPem(at, name, source, { what: 'PEM certificate', parse: (pem) => new X509Certificate(pem) })

const readPrivateKey = (at: string, name: string, source: Source): string | undefined =>
  readPem(at, name, source, { what: 'PEM private key without a passphrase', parse: createPrivateKey })

const readPem = (
  at: string,
  name: string,
  source: Source,
  form: { readonly what: string; readonly parse: (pem: string) => unknown },
): string | undefined => {
  const pem = source.read(at, name)
  if (pem === undefined) return undefined
  try {
    form.parse(pem)
    return pem
  } catch (error) {
    // OpenSSL's reasons name its own functions; they help nobody who reads a configuration.
    if (!(error instanceof Error)) throw error
    source.tell(at, `\`${source.asWritten(at, name)}\` holds no ${form.what}`)
    return undefined
  }
}
