/** Does a name begin with what was typed, were it in other cases? */
export const fits = (name: string, typed: string): boolean =>
  name.toLowerCase().startsWith(typed.toLowerCase())
