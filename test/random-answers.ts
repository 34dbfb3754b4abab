import type { Passing } from './front.ts'

/** What a backend says to whom the gateway lets in. */
const says =
  (status: number, body: string, more: readonly string[] = []) =>
  ({ headers }: Passing): Passing => ({
    status,
    headers: [
      ...headers.flatMap((name, at) =>
        at % 2 === 0 && !/^content-/i.test(name) ? [name, headers[at + 1] ?? ''] : [],
      ),
      ...(body === '' ? [] : ['Content-Type', body.startsWith('{') ? 'application/json' : 'text/plain']),
      ...more,
    ],
    body: Buffer.from(body),
  })

/** As a page with the time of day on it. */
export const unalike = (answer: Passing, count: number): Passing =>
  answer.body.includes('(count)')
    ? { ...answer, body: Buffer.from(answer.body.toString().replace('(count)', String(count))) }
    : answer

export const backends: Readonly<Record<string, (answer: Passing) => Passing>> = {
  'as it is': (answer) => answer,
  '200 that changes': says(200, 'hello for the (count)th time'),
  '201': says(201, '{"id":1}'),
  '204': says(204, ''),
  '302': says(302, '', ['Location', '/elsewhere']),
  '302 to a login page': says(302, '', ['Location', 'https://login.example.test/other']),
  '404': says(404, 'nothing here'),
  '404 as of no route': says(404, '{"code":404,"message":"Not Found"}'),
  '404 that changes': says(404, '{"code":404,"at":(count)}'),
  '405': says(405, '', ['Allow', 'POST']),
  '400': says(400, '{"message":"no"}'),
  '400 without a word': says(400, ''),
  '422': says(422, '{"message":"which?"}'),
  '500': says(500, 'sorry'),
  '502': says(502, '<html>bad gateway</html>'),
  '200 like an error': says(200, '{"errors":[{"code":"NO_SUCH_USER"}]}'),
}
