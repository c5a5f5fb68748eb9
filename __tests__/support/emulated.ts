import type { Behaviour } from '../../emulator/service/behaviour.js'
import type { Region } from '../../emulator/service/region.js'
import { type Emulator, startEmulator } from '../../emulator/service/server.js'

export const region = 'eu-central-1'

/** An emulator with the disk "shop-data" (32 GB, attached to the instance "shop") and the instance "wordpress" (60 GB) in eu-central-1. */
export async function startFilledEmulator(
  behaviour: Partial<Behaviour> = {},
  now: () => number = Date.now,
): Promise<Emulator> {
  const emulator = await startEmulator({ behaviour: { snapshotDurationMs: 0, ...behaviour }, now })
  fillRegion(emulator.region(region), now())
  return emulator
}

/** Adds the disk and the two instances to a Region, as created at `now` (milliseconds since the epoch). */
export function fillRegion(account: Region, now: number): void {
  account.addInstance('wordpress', 60, now)
  account.addInstance('shop', 20, now)
  account.addDisk('shop-data', 32, now, 'shop')
}

/** The environment that points an AWS client at the emulator and keeps it from looking for credentials elsewhere. */
export function clientEnvironment(emulator: Emulator): Record<string, string> {
  return {
    AWS_ENDPOINT_URL_LIGHTSAIL: emulator.url,
    AWS_ACCESS_KEY_ID: 'emulated',
    AWS_SECRET_ACCESS_KEY: 'emulated',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_REGION: region,
  }
}
