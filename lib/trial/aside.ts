import type { Exchanges } from './trial.ts'

/** What a step came to beside any answer: a finding, a note, a measurement. It is judged by nothing else. */
export const aside = (name: string, told: Partial<Omit<Exchanges, 'sent' | 'step'>>): Exchanges => ({
  sent: [],
  notes: [],
  step: { name, expect: 'observe', route: 'protected', counting: [] },
  found: [],
  ...told,
})
