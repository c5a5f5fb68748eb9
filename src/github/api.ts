import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { Agents } from '../basics/agents.js'
import { member, textMember } from '../basics/member.js'

/** A commit status for GitHub's API: https://docs.github.com/rest/commits/statuses. */
export interface CommitStatusRequest {
  readonly token: string
  readonly repository: string
  readonly sha: string
  readonly state: 'pending' | 'success' | 'failure' | 'error'
  readonly context: string
  /** At most 140 characters. */
  readonly description: string
  readonly targetUrl: string
  readonly signal: AbortSignal
}

/** What GitHub responded. */
export interface GitHubResponse {
  readonly status: number
  /** Its messages on one line; empty if it gave none. */
  readonly message: string
  /** Whether a rate limit is the reason. */
  readonly isRateLimited: boolean
  /** How long (ms) to wait before a retry, if GitHub says so. */
  readonly retryAfterMs: number | undefined
}

/** The part of GitHub's API that is used here. */
export interface GitHub {
  /** Throws if there is no response. */
  createCommitStatus(status: CommitStatusRequest): Promise<GitHubResponse>
}

/** Returns GitHub's API at a URL such as `https://api.github.com`, reached through these agents if there are any. */
export function gitHubAt(apiUrl: string, agents: Agents | undefined): GitHub {
  return {
    createCommitStatus: ({ token, repository, sha, signal, targetUrl, state, context, description }) =>
      post(new URL(`${apiUrl.replace(/\/$/, '')}/repos/${repository}/statuses/${sha}`), agents, {
        token,
        signal,
        body: JSON.stringify({ state, context, description, target_url: targetUrl }),
      }),
  }
}

interface Post {
  readonly token: string
  readonly body: string
  readonly signal: AbortSignal
}

function post(url: URL, agents: Agents | undefined, { token, body, signal }: Post): Promise<GitHubResponse> {
  const isSecure = url.protocol === 'https:'
  const agent = isSecure ? agents?.httpsAgent : agents?.httpAgent
  const options = {
    method: 'POST',
    signal,
    headers: {
      accept: 'application/vnd.github+json',
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      'user-agent': 'lightsail-disk-snapshot',
      'x-github-api-version': '2022-11-28',
    },
    ...(agent === undefined ? {} : { agent }),
  }
  return new Promise((resolve, reject) => {
    const sent = (isSecure ? httpsRequest : httpRequest)(url, options, (response) => {
      readResponse(response).then(resolve, reject)
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

/** GitHub's responses have a few hundred bytes, those of a proxy or a wrong server any number. */
const mostBytes = 65_536
const longestMessage = 300

async function readResponse(response: IncomingMessage): Promise<GitHubResponse> {
  const message = messageOf(await readStart(response)).slice(0, longestMessage)
  const { headers, statusCode = 0 } = response
  const retryAfter = headers['retry-after'] ?? ''
  const isRefusal = statusCode === 403 || statusCode === 429
  return {
    status: statusCode,
    message,
    isRateLimited:
      isRefusal &&
      (statusCode === 429 ||
        retryAfter !== '' ||
        headers['x-ratelimit-remaining'] === '0' ||
        /rate limit/i.test(message)),
    retryAfterMs: /^\d{1,9}$/.test(retryAfter) ? Number(retryAfter) * 1000 : undefined,
  }
}

async function readStart(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of response) {
    chunks.push(Buffer.from(chunk))
    bytes += chunk.length
    // Leaving the loop ends the connection.
    if (bytes >= mostBytes) break
  }
  return Buffer.concat(chunks).toString()
}

/** Returns what an error of the API says: `message`, then the message of each of its `errors`. */
function messageOf(body: string): string {
  try {
    const parsed: unknown = JSON.parse(body)
    const errors = member(parsed, 'errors')
    const details = (Array.isArray(errors) ? errors : []).map((error: unknown) =>
      textMember(error, 'message'),
    )
    return [textMember(parsed, 'message'), ...details].filter(Boolean).join(': ').replace(/\s+/g, ' ')
  } catch {
    return ''
  }
}
