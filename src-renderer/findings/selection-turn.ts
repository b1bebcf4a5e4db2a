/** Which wish to select was the last one: an answer to an earlier one comes too late. */
let turn = 0;

export function newSelection(): () => boolean {
  const mine = ++turn;
  return () => mine === turn;
}
