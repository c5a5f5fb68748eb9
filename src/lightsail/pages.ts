import { ServiceFailure } from './errors.js'
import type { Page } from './types.js'

/**
 * Reads a list page by page, until `take` says that it has enough. Throws ServiceFailure where the list doesn't end: every
 * page of it costs a request.
 */
export async function readPages<T>(
  readPage: (pageToken: string | undefined) => Promise<Page<T>>,
  take: (items: readonly T[]) => 'enough' | 'more',
): Promise<void> {
  const seen = new Set<string>()
  for (let token: string | undefined; ; ) {
    const { items, nextPageToken } = await readPage(token)
    if (take(items) === 'enough' || !nextPageToken) return
    if (seen.has(nextPageToken)) {
      throw new ServiceFailure(
        'other',
        'Lightsail gave the same page of a list twice.',
        'Run the job again; if it comes back, report it with a log made with debug logging.',
        nextPageToken,
      )
    }
    seen.add(nextPageToken)
    token = nextPageToken
  }
}
