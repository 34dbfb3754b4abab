import type { Word } from '../config/expect.ts'
import { headersOf, type Answered } from '../exchange/answer.ts'
import { readChallenges } from './challenge.ts'
import { matches } from './fingerprint.ts'
import { sameSpeech, speechOf, type Speech } from './protocol.ts'
import type { Lesson } from './side.ts'

/**
 * A 403 without a challenge, where bad tokens get a challenge and no refusal of the controls was like it: a firewall in
 * front of the token check answers so, and nobody outside can tell whether the token was looked at.
 */
export const isUnfamiliar = (
  answer: Answered,
  { none, unrouted, refused }: Lesson,
  style: Readonly<Partial<Record<Word, Speech>>>,
): boolean =>
  answer.status === 403 &&
  refused === undefined &&
  style.reject?.scheme !== undefined &&
  readChallenges(headersOf(answer, 'www-authenticate')).challenges.length === 0 &&
  !matches(answer, none) &&
  (unrouted === undefined || !matches(answer, unrouted)) &&
  // Without a challenge the scheme that one is looked for under makes no difference.
  !Object.values(style).some((known) => sameSpeech(known, speechOf(answer, '')))
