import Type from 'typebox'
import { formats } from './config.ts'
import { closed, text, texts } from './fields.ts'
import { LoadSection } from './load-section.ts'
import { PolicySection } from './policy.ts'
import { CasesSection } from './selection.ts'
import { ServeSection } from './serve.ts'
import { TargetSection } from './target.ts'
import { definitions, TokensSection } from './tokens.ts'
import { WaiversSection } from './waivers.ts'

/** What stands where the file says nothing; each section has its own beside its schema. */
export const defaults = { report: { dir: 'reports', formats: ['json', 'html'] } } as const

const ReportSection = Type.Object(
  {
    dir: Type.Optional(
      text('The folder for reports, relative to this file', { default: defaults.report.dir }),
    ),
    formats: Type.Optional(
      Type.Array(Type.Enum([...formats]), {
        minItems: 1,
        uniqueItems: true,
        description: 'What is written there',
        default: defaults.report.formats,
      }),
    ),
  },
  { ...closed, description: 'Where reports go' },
)

/** `gateproof.yaml` as users write it. */
export const GateproofFile = Type.Object(
  {
    target: TargetSection,
    policy: Type.Optional(PolicySection),
    tokens: Type.Optional(TokensSection),
    serve: Type.Optional(ServeSection),
    cases: Type.Optional(CasesSection),
    waivers: Type.Optional(WaiversSection),
    load: Type.Optional(LoadSection),
    thresholds: Type.Optional(
      texts('What a load run must hold to, such as `p99 < 50ms` and `misjudged = 0`', { default: [] }),
    ),
    report: Type.Optional(ReportSection),
  },
  {
    ...closed,
    $defs: definitions,
    title: 'gateproof.yaml',
    description: 'A gateway, what it is configured to demand, and how to test it',
  },
)
export type GateproofFile = Type.Static<typeof GateproofFile>
