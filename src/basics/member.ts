/** Returns a member of any value; undefined if the value is no object or has no such member. */
export function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}

/** Returns a member that is a string; an empty string if it isn't. */
export function textMember(value: unknown, name: string): string {
  const found = member(value, name)
  return typeof found === 'string' ? found : ''
}
