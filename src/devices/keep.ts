/**
 * Keep what is rarely used in a device's state only while it is not as usual. So a state in which nobody uses it is what it
 * was before there was such a thing, and recordings made then still end in the same hash. A key that is taken out and put
 * back stands last, in a machine that is restored, too: that is why it is not set to undefined.
 */
export function keep<State extends object, Key extends keyof State>(
  state: State,
  key: Key,
  value: State[Key],
  usual: State[Key],
): void {
  if (value === usual) delete state[key]
  else state[key] = value
}
