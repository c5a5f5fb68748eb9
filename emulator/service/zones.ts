/** The Regions in Lightsail's model. The emulator accepts any other name as well. */
export const regionNames = [
  'ap-east-1',
  'ap-northeast-1',
  'ap-northeast-2',
  'ap-south-1',
  'ap-southeast-1',
  'ap-southeast-2',
  'ap-southeast-3',
  'ap-southeast-5',
  'ca-central-1',
  'eu-central-1',
  'eu-north-1',
  'eu-south-2',
  'eu-west-1',
  'eu-west-2',
  'eu-west-3',
  'sa-east-1',
  'us-east-1',
  'us-east-2',
  'us-west-1',
  'us-west-2',
] as const

/** The Availability Zones that the emulator gives every Region. */
export function zonesOf(regionName: string): readonly string[] {
  return ['a', 'b', 'c'].map((letter) => `${regionName}${letter}`)
}
