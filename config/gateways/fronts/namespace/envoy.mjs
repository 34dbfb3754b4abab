import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { replaced } from '../faults.mjs'

const envoyYaml = fileURLToPath(new URL('../../envoy/envoy.yaml', import.meta.url))

/**
 * Writes the configuration of ../../envoy for a namespace of its own: TLS for the one name that it answers to, another
 * port without TLS, and the upstream and the key set, this one over TLS, under names that are known there alone.
 */
export function writeEnvoy(folder, { lab, gateway, plain, tool, servername, faults }) {
  const at = ([host, port]) => `{ socket_address: { address: ${host}, port_value: ${port} } }`
  const fetch = `{ uri: https://${tool.name}:${tool.jwks}/.well-known/jwks.json, cluster: issuer, timeout: 2s }`
  const audiences = 'audiences: [https://gateway.example.test]'
  const edits = [
    [at(['127.0.0.1', 8504]), at(gateway)],
    ['      filter_chains:\n        - filters:\n', tlsChain(lab, servername)],
    ['          @JWKS@', `          remote_jwks: { http_uri: ${fetch}, cache_duration: 2s }`],
    ['  clusters:\n', `${plainListener(at(plain), faults.includes('plaintext'))}  clusters:\n`],
    [cluster('upstream', 9402), named('upstream', at([tool.name, tool.upstream]))],
    [
      cluster('issuer', 9401),
      `${named('issuer', at([tool.name, tool.jwks]))}${issuerTls(lab, tool.name, faults.includes('unverified'))}`,
    ],
    ...(faults.includes('audience') ? [[audiences, '']] : []),
  ]
  const text = edits.reduce((sum, [of, to]) => replaced(sum, of, to), readFileSync(envoyYaml, 'utf8'))
  const file = join(folder, 'envoy.yaml')
  writeFileSync(file, text)
  return file
}

const tlsType = 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3'

function tlsChain(lab, servername) {
  return `      listener_filters:
        - name: envoy.filters.listener.tls_inspector
          typed_config:
            '@type': type.googleapis.com/envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector
      filter_chains:
        - filter_chain_match: { server_names: [${servername}] }
          transport_socket:
            name: envoy.transport_sockets.tls
            typed_config:
              '@type': ${tlsType}.DownstreamTlsContext
              common_tls_context:
                alpn_protocols: [h2, http/1.1]
                tls_certificates:
                  - certificate_chain: { filename: '${lab}/server.pem' }
                    private_key: { filename: '${lab}/server.key' }
          filters:
`
}

/** It sends everybody to TLS; with the fault it serves them instead. */
function plainListener(address, isServed) {
  const route = isServed
    ? 'route: { cluster: upstream, prefix_rewrite: / }'
    : 'redirect: { https_redirect: true }'
  return `    - name: plain
      address: ${address}
      filter_chains:
        - filters:
            - name: envoy.filters.network.http_connection_manager
              typed_config:
                '@type': type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                stat_prefix: plain
                route_config:
                  virtual_hosts:
                    - { name: plain, domains: ['*'], routes: [{ match: { prefix: / }, ${route} }] }
                http_filters:
                  - name: envoy.filters.http.router
                    typed_config:
                      '@type': type.googleapis.com/envoy.extensions.filters.http.router.v3.Router
`
}

function cluster(name, port) {
  return `    - name: ${name}
      connect_timeout: 2s
      type: STATIC
      load_assignment:
        cluster_name: ${name}
        endpoints:
          - lb_endpoints:
              - endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: ${port} } } }
`
}

function named(name, address) {
  return `    - name: ${name}
      connect_timeout: 2s
      type: STRICT_DNS
      dns_lookup_family: V4_ONLY
      load_assignment:
        cluster_name: ${name}
        endpoints:
          - lb_endpoints:
              - endpoint: { address: ${address} }
`
}

/** It takes the certificate of our authority for our name; with the fault it takes any. */
function issuerTls(lab, name, isUnverified) {
  const trust = `
            validation_context:
              trusted_ca: { filename: '${lab}/ca.pem' }
              match_typed_subject_alt_names: [{ san_type: DNS, matcher: { exact: ${name} } }]`
  return `      transport_socket:
        name: envoy.transport_sockets.tls
        typed_config:
          '@type': ${tlsType}.UpstreamTlsContext
          sni: ${name}
          common_tls_context:${isUnverified ? ' {}' : trust}
`
}
