import { listFaults } from '../config/fault-list.ts'
import { ConfigError } from '../config/fault.ts'
import { readYamlDocuments } from '../config/yaml.ts'
import { importApisix } from './apisix.ts'
import { importAws } from './aws.ts'
import { importEnvoy } from './envoy.ts'
import type { Found } from './found.ts'
import { importGatewayApi } from './gateway-api.ts'
import { importIstio } from './istio.ts'
import { importKong } from './kong.ts'
import { importKrakend } from './krakend.ts'
import type { ImportKind, TrustKind } from './kinds.ts'
import { nodeOf, type Node } from './node.ts'
import { importOci } from './oci.ts'
import { importOpenApi } from './openapi.ts'
import { importTraefik } from './traefik.ts'

/** Reads what one kind of gateway writes; undefined where nothing of the kind is in the documents. */
export type Importer = {
  /** What it is called, and what it reads. */
  readonly title: string
  readonly reads: string
  /** The name that `gateproof keys export` knows the gateway by. */
  readonly exportKind?: TrustKind
  readonly read: (documents: readonly Node[]) => Found | undefined
}

export const importers: Readonly<Record<ImportKind, Importer>> = {
  oci: {
    title: 'OCI API Gateway',
    reads: 'a deployment specification, `deployment get` output, or Terraform plan JSON',
    exportKind: 'oci',
    read: importOci,
  },
  envoy: {
    title: 'Envoy',
    reads: 'a bootstrap with the filter jwt_authn',
    exportKind: 'envoy',
    read: importEnvoy,
  },
  istio: {
    title: 'Istio',
    reads: 'RequestAuthentication and AuthorizationPolicy resources',
    exportKind: 'jwks',
    read: importIstio,
  },
  'gateway-api': {
    title: 'Envoy Gateway',
    reads: 'SecurityPolicy and HTTPRoute resources',
    exportKind: 'jwks',
    read: importGatewayApi,
  },
  kong: {
    title: 'Kong Gateway',
    reads: 'a declarative configuration with the plugin jwt or openid-connect',
    exportKind: 'kong',
    read: importKong,
  },
  apisix: {
    title: 'Apache APISIX',
    reads: 'routes with the plugin openid-connect or jwt-auth',
    exportKind: 'pem',
    read: importApisix,
  },
  krakend: {
    title: 'KrakenD',
    reads: 'endpoints with auth/validator',
    exportKind: 'jwks',
    read: importKrakend,
  },
  traefik: {
    title: 'Traefik',
    reads: 'a dynamic configuration, or Middleware and IngressRoute resources',
    exportKind: 'jwks',
    read: importTraefik,
  },
  aws: {
    title: 'Amazon API Gateway (HTTP API)',
    reads: 'a CloudFormation template or an OpenAPI definition with a JWT authorizer',
    read: importAws,
  },
  openapi: { title: 'OpenAPI', reads: 'a definition with security schemes', read: importOpenApi },
}

/** What a gateway's configuration tells. Throws a ConfigError where it can't be read, or holds nothing of its kind. */
export const importText = (kind: ImportKind, file: string, text: string): Found => {
  const documents = readYamlDocuments(file, text).map((document) => ({
    document,
    list: listFaults(document),
  }))
  const { reads, read } = importers[kind]
  const nodes = documents.map(({ document, list }) => nodeOf(document.value, '', list.tell))
  const found = read(nodes)
  const faults = documents.flatMap(({ list }) => list.faults)
  if (faults.length > 0) throw new ConfigError(faults)
  if (found === undefined)
    throw new ConfigError([
      { file, line: 1, column: 1, message: `holds nothing of the kind ${kind}`, hint: `expected ${reads}` },
    ])
  return found
}
