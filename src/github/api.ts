import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { Agents } from '../basics/agents.js'

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

/** The part of GitHub's API that is used here. */
export interface GitHub {
  /** Returns the HTTP status of the response. Throws if there is none. */
  createCommitStatus(status: CommitStatusRequest): Promise<number>
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

function post(url: URL, agents: Agents | undefined, { token, body, signal }: Post): Promise<number> {
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
      response.on('error', reject)
      response.on('end', () => resolve(response.statusCode ?? 0))
      response.resume()
    })
    sent.on('error', reject)
    sent.end(body)
  })
}
