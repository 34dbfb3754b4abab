#!/usr/bin/env node
// usage: server.mjs RUN_DIRECTORY [--upstream URL] [--credential JSON] [--fault audience | expiry]
// A GraphQL gateway (Mercurius) at 127.0.0.1:8550/graphql in front of a federated service, with gRPC-Web (Connect) beside
// it and three plain routes. GraphQL refuses by 200 with `errors`, gRPC-Web by 200 with a grpc-status. Without an upstream
// the service answers by itself. `--credential` says where tokens are looked for: a list as in gateproof.yaml.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { argv, env } from 'node:process'
import { parseArgs } from 'node:util'

const cache = env.GATEPROOF_GRAPHQL ?? join(env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'gateproof/graphql')
const require = createRequire(join(cache, 'package.json'))
const Fastify = require('fastify')
const mercurius = require('mercurius')
const { createVerifier, TokenError } = require('fast-jwt')
const { Code, ConnectError } = require('@connectrpc/connect')
const { create, createFileRegistry } = require('@bufbuild/protobuf')
const { FieldDescriptorProto_Label, FieldDescriptorProto_Type, FileDescriptorProtoSchema } = require('@bufbuild/protobuf/wkt')

const { values, positionals } = parseArgs({
  args: argv.slice(2),
  options: { upstream: { type: 'string' }, credential: { type: 'string' }, fault: { type: 'string' } },
  allowPositionals: true,
})
const { upstream, fault } = values
const key = readFileSync(join(positionals[0], 'public.pem'), 'utf8')
const places = JSON.parse(values.credential ?? '[{ "in": "header", "name": "Authorization", "scheme": "Bearer" }]')
const ports = { gateway: 8550, service: 8554 }
const idHeader = 'x-gateproof-id'

/** What each field of a query, and each route, asks of a token; null: nothing, and no token either. */
const demands = { me: {}, orders: { scope: 'orders.read' }, ping: null }

const checks = {
  key: ({ header }, done) => (header.kid === 'gateproof-lab' ? done(null, key) : done(new Error('unknown key'))),
  algorithms: ['RS256'],
  allowedIss: 'https://issuer.example.test/',
  requiredClaims: ['iss', 'aud', 'exp'],
  checkTyp: 'at+jwt',
}
const verify = createVerifier({
  ...checks,
  complete: true,
  ...(fault === 'audience' ? {} : { allowedAud: 'https://gateway.example.test' }),
  ...(fault === 'expiry' ? { ignoreExpiration: true } : {}),
})

class Refusal extends Error {
  constructor(code) {
    super(code)
    this.code = code
  }
}

/** Throws a Refusal unless these tokens, all that were found, are one that is good and has the scope. */
async function authorize(tokens, { scope }) {
  if (tokens.length !== 1) throw new Refusal(tokens.length === 0 ? 'MISSING' : 'UNAUTHENTICATED')
  const claims = await verified(tokens[0])
  const scopes = typeof claims.scope === 'string' ? claims.scope.split(' ') : []
  if (scope !== undefined && !scopes.includes(scope)) throw new Refusal('FORBIDDEN')
}

async function verified(token) {
  try {
    const { header, payload } = await verify(token)
    if (!isPlausible(header, payload)) throw new Refusal('UNAUTHENTICATED')
    return payload
  } catch (error) {
    // It writes the date into its message, and there are none beyond the year 275760.
    if (error instanceof TokenError || error instanceof RangeError) throw new Refusal('UNAUTHENTICATED')
    throw error
  }
}

/**
 * What the library leaves: the end and the beginning are compared by it where they are dates of these centuries alone, a
 * subject may be of any type (RFC 7519, section 4.1.2: a text), and `zip` is no member of a JWS header.
 */
function isPlausible(header, { exp, nbf, sub }) {
  const now = Date.now() / 1000
  return (
    header.zip === undefined &&
    (sub === undefined || typeof sub === 'string') &&
    (fault === 'expiry' || (Number.isFinite(exp) && exp > now)) &&
    (nbf === undefined || (Number.isFinite(nbf) && nbf <= now))
  )
}

/** All that may be a token in the places that were asked for; what is there and cannot be one counts, too. */
const tokensIn = ({ raw, query, body }) =>
  places.flatMap(({ in: place, name, scheme = 'Bearer' }) => {
    switch (place) {
      case 'query':
        return [query?.[name] ?? []].flat()
      case 'form':
        return raw.method === 'POST' && formTypes.test(raw.headers['content-type'] ?? '') ? [body?.[name] ?? []].flat() : []
      case 'cookie':
        return (raw.headersDistinct.cookie ?? [])
          .flatMap((line) => line.split(';'))
          .flatMap((pair) => (pair.trim().startsWith(`${name}=`) ? [pair.trim().slice(name.length + 1)] : []))
      default:
        return (raw.headersDistinct[name.toLowerCase()] ?? []).flatMap((value) => tokenUnder(scheme, value))
    }
  })
const formTypes = /^application\/x-www-form-urlencoded(;|$)/i

/** A header under another scheme holds no token for us; under ours it may hold a bad one. */
const tokenUnder = (scheme, value) => {
  if (scheme === null) return [value]
  const [, given = ''] = new RegExp(`^${scheme}(?: +(.*))?$`, 'i').exec(value) ?? [undefined, undefined]
  return new RegExp(`^${scheme}(?: |$)`, 'i').test(value) ? [given] : []
}

/** What stands behind the gateway: the upstream that was given, told by whom it is asked, or the thing itself. */
async function ask(path, id) {
  if (upstream === undefined) return { id: path }
  const response = await fetch(`${upstream}/${path}`, { headers: id === undefined ? {} : { [idHeader]: id } })
  await response.arrayBuffer()
  return { id: String(response.status) }
}

const service = Fastify()
service.register(require('@mercuriusjs/federation').mercuriusFederationPlugin, {
  schema: `
    type Thing { id: ID! }
    extend type Query { me: Thing, orders: [Thing], ping: Thing }
  `,
  resolvers: {
    Query: {
      me: (_parent, _args, { reply }) => ask('me', reply.request.headers[idHeader]),
      orders: async (_parent, _args, { reply }) => [await ask('orders', reply.request.headers[idHeader])],
      ping: (_parent, _args, { reply }) => ask('ping', reply.request.headers[idHeader]),
    },
  },
})
await service.listen({ host: '127.0.0.1', port: ports.service })

const gateway = Fastify()
gateway.register(require('@fastify/formbody'))
gateway.register(require('@mercuriusjs/gateway'), {
  gateway: {
    services: [
      {
        name: 'accounts',
        url: `http://127.0.0.1:${ports.service}/graphql`,
        rewriteHeaders: (headers) => (headers?.[idHeader] === undefined ? {} : { [idHeader]: headers[idHeader] }),
      },
    ],
  },
  path: '/graphql',
})
gateway.after(() => {
  gateway.graphql.addHook('preExecution', async (_schema, document, context) => {
    for (const field of fieldsOf(document)) {
      const demand = Object.hasOwn(demands, field) ? demands[field] : {}
      if (demand === null || field.startsWith('__')) continue
      try {
        await authorize(tokensIn(context.reply.request), demand)
      } catch (error) {
        if (!(error instanceof Refusal)) throw error
        const code = error.code === 'MISSING' ? 'UNAUTHENTICATED' : error.code
        throw new mercurius.ErrorWithProps('refused', { code }, 200)
      }
    }
  })
})

/** The fields that a document asks of the root, by fragments too: what stands deeper is asked for as well, and does no harm. */
const fieldsOf = (document) => {
  const fields = new Set()
  const visit = (node, isRoot) => {
    for (const selection of node.selectionSet?.selections ?? []) {
      if (selection.kind === 'Field') {
        if (isRoot) fields.add(selection.name.value)
      } else if (selection.kind === 'InlineFragment') visit(selection, isRoot)
    }
  }
  for (const definition of document.definitions)
    visit(definition, definition.kind === 'OperationDefinition' || definition.typeCondition?.name.value === 'Query')
  return fields
}

gateway.register(require('@connectrpc/connect-fastify').fastifyConnectPlugin, {
  connect: false,
  grpc: false,
  routes: (router) =>
    router.service(accountsService(), {
      me: async (_message, { requestHeader }) => {
        try {
          const value = requestHeader.get('authorization')
          await authorize(value === null ? [] : tokenUnder('Bearer', value), {})
        } catch (error) {
          if (!(error instanceof Refusal)) throw error
          throw new ConnectError('refused', Code.Unauthenticated)
        }
        return ask('me', requestHeader.get(idHeader) ?? undefined)
      },
    }),
})

/** gateproof.lab.Accounts with `rpc Me(MeRequest) returns (MeReply)`, as protoc would describe it. */
function accountsService() {
  const file = create(FileDescriptorProtoSchema, {
    name: 'accounts.proto',
    package: 'gateproof.lab',
    syntax: 'proto3',
    messageType: [
      { name: 'MeRequest' },
      {
        name: 'MeReply',
        field: [{ name: 'id', jsonName: 'id', number: 1, type: FieldDescriptorProto_Type.STRING, label: FieldDescriptorProto_Label.OPTIONAL }],
      },
    ],
    service: [
      { name: 'Accounts', method: [{ name: 'Me', inputType: '.gateproof.lab.MeRequest', outputType: '.gateproof.lab.MeReply' }] },
    ],
  })
  return createFileRegistry(file, () => undefined).getService('gateproof.lab.Accounts')
}

/** Plain routes, for tokens in places where a query cannot travel beside them. */
const plainRoutes = { hello: demands.me, orders: demands.orders, ping: null }
for (const [name, demand] of Object.entries(plainRoutes))
  gateway.route({
    method: ['GET', 'POST'],
    url: `/${name}`,
    exposeHeadRoute: false,
    handler: async (request, reply) => {
      try {
        if (demand !== null) await authorize(tokensIn(request), demand)
      } catch (error) {
        if (!(error instanceof Refusal)) throw error
        const [status, said] = answers[error.code]
        return reply.code(status).header('www-authenticate', `Bearer realm="gateway"${said}`).header('cache-control', 'no-store').send()
      }
      return reply.header('cache-control', 'private').send(await ask(name, request.headers[idHeader]))
    },
  })
const answers = {
  MISSING: [401, ''],
  UNAUTHENTICATED: [401, ', error="invalid_token"'],
  FORBIDDEN: [403, ', error="insufficient_scope"'],
}

await gateway.listen({ host: '127.0.0.1', port: ports.gateway })
