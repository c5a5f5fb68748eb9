import { createServer } from 'node:http'
import { gitHubAt } from '../../src/github/api.js'

/** A commit status as it arrived at GitHub. */
export interface SeenStatus {
  readonly path: string
  readonly authorization: string
  readonly state: string
  readonly context: string
  readonly description: string
  readonly target_url: string
}

/** A response of GitHub, if it is more than a status. */
export interface GitHubAnswer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** The part of GitHub's API that is used, on loopback. It answers each request with the next of `answers`, then 201. */
export interface GitHubStandIn {
  readonly url: string
  readonly seen: SeenStatus[]
  /** The statuses for the next requests; 0 means no response at all. */
  readonly answers: (number | GitHubAnswer)[]
  close(): Promise<void>
}

export async function startGitHub(): Promise<GitHubStandIn> {
  const seen: SeenStatus[] = []
  const answers: (number | GitHubAnswer)[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(Buffer.from(chunk))
    const sent = JSON.parse(Buffer.concat(chunks).toString())
    seen.push({ path: request.url ?? '', authorization: request.headers.authorization ?? '', ...sent })
    const answer = answers.shift() ?? 201
    if (answer === 0) return
    const { status, headers = {}, body = '{}' } = typeof answer === 'number' ? { status: answer } : answer
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('the server has no TCP address')
  return {
    url: `http://127.0.0.1:${address.port}`,
    seen,
    answers,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** The client of a step that talks to this instead of GitHub. */
export function clientOf({ url }: GitHubStandIn) {
  return gitHubAt(`${url}/api/v3`, undefined)
}
