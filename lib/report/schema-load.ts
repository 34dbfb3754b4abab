import Type from 'typebox'
import { closed, Count, Digest, ResultRef } from './schema-result.ts'

const Amount = Type.Number({ minimum: 0 })
const Milliseconds = Type.Union([Amount, Type.Null()], { description: 'null where there is no sample' })

const Latency = Type.Object(
  {
    p50: Milliseconds,
    p90: Milliseconds,
    p99: Milliseconds,
    'p99.9': Milliseconds,
    max: Milliseconds,
    mean: Milliseconds,
  },
  closed,
)

const LatencyRef = Type.Unsafe<Type.Static<typeof Latency>>({ $ref: '#/$defs/latency' })

const Histogram = Type.String({ description: 'Latencies in whole microseconds (load/histogram-codec.ts)' })

const Class = Type.Object(
  {
    case: Type.String(),
    requests: Count,
    falseAccepts: Count,
    falseRefusals: Count,
    misjudged: Type.Integer({ minimum: 0, description: 'falseAccepts + falseRefusals' }),
    latencyMs: LatencyRef,
    judged: Type.Optional(Count),
    histogram: Type.Optional(Histogram),
    tokens: Type.Optional(
      Type.Object(
        { pool: Count, distinct: Count, timesEach: Count },
        { ...closed, description: 'Different tokens sent, and how often each at most: a cache shows here' },
      ),
    ),
  },
  closed,
)

const Unknown = Type.Union([Amount, Type.Null()])

const Slice = Type.Object(
  {
    atMs: Amount,
    ms: Amount,
    judged: Count,
    errors: Count,
    misjudged: Count,
    latencyMs: LatencyRef,
    histogram: Histogram,
  },
  { ...closed, description: 'What ended in a stretch of the measured time' },
)

const Phase = Type.Object(
  {
    name: Type.String(),
    model: Type.Enum(['closed', 'open']),
    connections: Count,
    rate: Type.Union([Amount, Type.Null()], {
      description: 'Requests per second planned; null in a closed model',
    }),
    ms: Amount,
    requests: Count,
    perSecond: Amount,
    sent: Count,
    answered: Count,
    lost: Count,
    latencyMs: LatencyRef,
    histogram: Histogram,
    classes: Type.Array(Class),
    errors: Type.Record(Type.String(), Count),
    judged: Type.Optional(Count),
    connectionsMade: Type.Optional(Count),
    serviceMs: Type.Optional(LatencyRef),
    series: Type.Optional(Type.Array(Slice)),
    loopDelayP99Ms: Type.Optional(Unknown),
    latenessP99Ms: Type.Optional(Unknown),
    waited: Type.Optional(Unknown),
    busy: Type.Optional(Unknown),
    cpuShare: Type.Optional(Unknown),
    seed: Type.Optional(Type.Integer()),
    workers: Type.Optional(Type.Integer({ minimum: 2, description: 'Threads that sent; absent: one' })),
    offenders: Type.Array(
      Type.Object(
        {
          case: Type.String(),
          expected: Type.Enum(['let-in', 'refused']),
          status: Type.Union([Type.Integer(), Type.Null()]),
          challenge: Type.Optional(Type.String()),
          request: Type.Optional(
            Type.Object(
              {
                method: Type.String(),
                path: Type.String(),
                token: Type.Optional(
                  Type.Object(
                    { header: Type.String(), claims: Type.String() },
                    { ...closed, description: 'JSON texts, without the part that authenticates' },
                  ),
                ),
              },
              closed,
            ),
          ),
        },
        closed,
      ),
      { maxItems: 10, description: 'The first answers that were misjudged by the gateway' },
    ),
  },
  closed,
)

const Microseconds = Type.Number()

const Validation = Type.Object(
  {
    unit: Type.Literal('us'),
    baseline: Type.String({ description: 'The variant that all others are compared with' }),
    blocks: Count,
    valid: Type.Boolean({ description: 'The comparison of the baseline with itself holds zero' }),
    aa: Type.Union([Type.Object({ low: Microseconds, high: Microseconds }, closed), Type.Null()], {
      description: 'The baseline compared with itself; null where it could not be',
    }),
    variants: Type.Array(Type.Object({ name: Type.String(), p50: Microseconds, samples: Count }, closed)),
    differences: Type.Array(
      Type.Object(
        {
          name: Type.String(),
          median: Microseconds,
          low: Microseconds,
          high: Microseconds,
          significant: Type.Boolean(),
          of: Type.Optional(Type.String()),
          from: Type.Optional(Type.String()),
        },
        closed,
      ),
    ),
    note: Type.Optional(Type.String()),
  },
  { ...closed, description: 'What validating a token costs: paired differences with 95 % intervals' },
)

const Ceiling = Type.Object(
  {
    highest: Type.Union([Amount, Type.Null()], {
      description: 'The highest rate at which the thresholds held; null where they never did',
    }),
    limit: Type.Optional(Type.String({ description: 'What kept the search from going higher' })),
    curve: Type.Array(
      Type.Object(
        {
          rate: Amount,
          perSecond: Amount,
          p50Ms: Milliseconds,
          p99Ms: Milliseconds,
          errors: Count,
          misjudged: Type.Optional(Count),
          ok: Type.Boolean(),
          reasons: Type.Optional(Type.Array(Type.String())),
        },
        closed,
      ),
    ),
  },
  { ...closed, description: 'How the target fares as the rate goes up' },
)

const Shard = Type.Object({ index: Count, of: Type.Integer({ minimum: 1 }) }, closed)

const Run = Type.Object(
  {
    command: Type.String({ description: 'As it was typed' }),
    startedAt: Type.String({ description: 'When the first phase began' }),
    suite: Digest,
    settings: Type.String({
      minLength: 8,
      description: 'Digest of what is sent, of the policy and of the thresholds',
    }),
    mix: Type.Record(Type.String(), Amount),
    thresholds: Type.Array(Type.String(), { description: 'Those of the whole run; a shard holds none' }),
    http: Type.Optional(Type.Enum(['1.1', '2'], { description: 'The version of HTTP that was spoken' })),
    shard: Type.Optional(Shard),
    machine: Type.Object(
      { node: Type.String(), system: Type.String(), processor: Type.String(), cores: Count, memoryMb: Count },
      closed,
    ),
    merged: Type.Optional(
      Type.Array(Type.Object({ shard: Shard, startedAt: Type.String(), perSecond: Amount }, closed)),
    ),
  },
  { ...closed, description: 'What the numbers rest on, and what belongs together' },
)

/** What `gateproof load` found. */
export const Load = Type.Object(
  {
    phases: Type.Array(Phase, { minItems: 1 }),
    results: Type.Array(ResultRef),
    validation: Type.Optional(Validation),
    ceiling: Type.Optional(Ceiling),
    run: Type.Optional(Run),
    witness: Type.Optional(
      Type.Object(
        { arrived: Count, sentGood: Count },
        {
          ...closed,
          description: 'Requests that reached the upstream of ours, and good ones sent, warm-up included',
        },
      ),
    ),
    thresholds: Type.Array(
      Type.Object(
        {
          expression: Type.String(),
          value: Type.Union([Type.Number(), Type.Null()], { description: 'null over zero samples' }),
          ok: Type.Boolean(),
        },
        closed,
      ),
    ),
    valid: Type.Boolean(),
    invalid: Type.Array(Type.String(), { description: 'Why the measurement is not valid' }),
  },
  closed,
)

export const loadDefinitions = { latency: Latency }
