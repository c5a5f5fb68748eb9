import {
  type $Command,
  LightsailClient,
  type LightsailClientResolvedConfig,
  type ServiceInputTypes,
  type ServiceOutputTypes,
} from '@aws-sdk/client-lightsail'
import type { Agents, RequestHandler } from '../basics/agents.js'
import type { Clock } from '../basics/clock.js'
import { member, textMember } from '../basics/member.js'
import { ChainLog, type CredentialSource, unnamedSource } from './credentials.js'
import type { RequestDescription } from './error-table.js'
import { explain, explainCredentials, type ServiceFailure } from './errors.js'
import { type Patience, type SendOptions, sendWithRetry } from './retry.js'

/** A request in words for a person. */
export interface About extends Omit<RequestDescription, 'region'> {
  /** Makes the failure, if the error table alone can't. */
  readonly explain?: (thrown: unknown, request: RequestDescription) => ServiceFailure
}

/** Sends a command, with retries. */
type Send = <Input extends ServiceInputTypes, Output extends ServiceOutputTypes>(
  command: $Command<Input, Output, LightsailClientResolvedConfig>,
  about: About,
  patience: Patience,
) => Promise<Output>

/** A connection to the service in one Region. Turns whatever a request throws into ServiceFailure. */
export interface Connection {
  readonly region: string
  /** Sends a request that changes nothing, or that does no harm when sent twice. */
  readonly read: Send
  /** Sends a request that changes something. Retried only if it was certainly not carried out. */
  readonly change: Send
  /**
   * The service's time now, in milliseconds since the epoch: the `Date` of its last response, plus what has passed since. Undefined
   * before the first response. A runner's clock can be wrong by days without a request being refused for good.
   */
  serviceTime(): number | undefined
  /** When the credentials expire; undefined if that is unknown, or if they renew themselves. */
  readonly credentialsExpireAt: Date | undefined
  /** Closes its connections. */
  close(): void
}

const connectionTimeoutMs = 10_000

/** What a connection needs of the job. */
export interface ConnectionOptions {
  /** Proxy agents; none: requests go directly. */
  readonly agents?: Agents | undefined
  /** Default: the SDK's own. */
  readonly requestHandler?: RequestHandler | undefined
  /** For the pauses between attempts. */
  readonly random?: (() => number) | undefined
  readonly source?: CredentialSource
  /** Called with the address of the first request, before it is sent. */
  readonly onAddress?: (address: URL) => void
}

/** Opens a connection with the keys of the source, else with the AWS SDK's default chain. Sends nothing yet. */
export function openConnection(
  region: string,
  clock: Clock,
  { agents, requestHandler, random, source = unnamedSource, onAddress = () => {} }: ConnectionOptions,
): Connection {
  const chainLog = new ChainLog()
  const client = new LightsailClient({
    region,
    logger: chainLog,
    ...(source.keys === undefined ? {} : { credentials: source.keys }),
    // One attempt: the SDK would also repeat a create whose response was lost, and then find the name taken.
    maxAttempts: 1,
    customUserAgent: 'lightsail-disk-snapshot',
    requestHandler: requestHandler ?? { connectionTimeout: connectionTimeoutMs, ...agents },
  })
  const serviceTime = timeOfResponses(client, clock)
  tellAddress(client, onAddress)
  const sending = <T>(about: About, send: (options: SendOptions) => Promise<T>, changes: boolean) => {
    const request = { operation: about.operation, subject: about.subject, region }
    let hasCredentials = false
    return {
      send: async (options: SendOptions) => {
        hasCredentials = false
        // The client caches them. Fetched separately, so that an error of their source isn't reported as Lightsail's.
        await client.config.credentials()
        hasCredentials = true
        return send(options)
      },
      asFailure: (thrown: unknown) =>
        hasCredentials
          ? (about.explain ?? explain)(thrown, request)
          : explainCredentials(thrown, request, source, chainLog.saidOf(source)),
      changes,
    }
  }
  const sender =
    (changes: boolean): Send =>
    (command, about, patience) =>
      sendWithRetry(
        sending(about, (options) => client.send(command, options), changes),
        patience,
        { clock, random },
      )
  return {
    region,
    serviceTime,
    read: sender(false),
    change: sender(true),
    close: () => client.destroy(),
    credentialsExpireAt: source.keys?.expiration,
  }
}

/** Reads the `Date` of every response. Returns a function for the service's time now. */
function timeOfResponses(client: LightsailClient, clock: Clock): () => number | undefined {
  let aheadOfMonotonic: number | undefined
  client.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args)
      const time = Date.parse(textMember(member(result.response, 'headers'), 'date'))
      if (!Number.isNaN(time)) aheadOfMonotonic = time - clock.monotonic()
      return result
    },
    // Below the SDK's own deserializer, which throws for error responses.
    { step: 'deserialize', priority: 'low', name: 'serviceTime' },
  )
  return () => (aheadOfMonotonic === undefined ? undefined : aheadOfMonotonic + clock.monotonic())
}

/** Calls `onAddress` with the address of the first request, wherever the SDK found it: a variable, a profile, its own rules. */
function tellAddress(client: LightsailClient, onAddress: (address: URL) => void): void {
  let isTold = false
  client.middlewareStack.add(
    (next) => (args) => {
      const [protocol, hostname, port] = ['protocol', 'hostname', 'port'].map((part) =>
        member(args.request, part),
      )
      if (!isTold) onAddress(new URL(`${protocol}//${hostname}${port === undefined ? '' : `:${port}`}`))
      isTold = true
      return next(args)
    },
    { step: 'finalizeRequest', name: 'tellAddress' },
  )
}
