import { InvalidArgumentError } from 'commander'

/** The names of a comma-separated list, none of them empty. */
export const list = (text: string): readonly string[] =>
  text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')

/** `10` or `10%` as a number of percent. Throws commander's InvalidArgumentError. */
export const percentage = (text: string): number => {
  const percent = Number(/^(\d{1,4}(?:\.\d+)?) ?%?$/.exec(text)?.[1] ?? Number.NaN)
  if (Number.isNaN(percent)) throw new InvalidArgumentError('It is a percentage, such as 10%.')
  return percent
}
